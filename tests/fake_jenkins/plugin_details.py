"""What the recorded server said of its plugins beyond name and version, as far as it was recorded."""

DEPENDENCIES: dict[str, tuple[tuple[str, str, bool], ...]] = {
    "ant": (
        ("commons-lang3-api", "3.18.0-98.v3a_674c06072d", False),
        ("structs", "350.v3b_30f09f2363", False),
    ),
    "bootstrap5-api": (
        ("commons-lang3-api", "3.18.0-98.v3a_674c06072d", False),
        ("commons-text-api", "1.13.1-176.v74d88f22034b_", False),
        ("font-awesome-api", "6.7.2-1", False),
    ),
    "branch-api": (
        ("caffeine-api", "3.2.0-166.v72a_6d74b_870f", False),
        ("commons-lang3-api", "3.17.0-87.v5cf526e63b_8b_", False),
        ("ionicons-api", "88.va_4187cb_eddf1", False),
        ("cloudbees-folder", "6.1036.vb_94fd035b_287", False),
        ("scm-api", "704.v3ce5c542825a_", False),
    ),
    "build-timeout": (
        ("json-path-api", "2.9.0-148.v22a_7ffe323ce", False),
        ("token-macro", "444.v52de7e9c573d", False),
    ),
    "checks-api": (
        ("commons-lang3-api", "3.17.0-87.v5cf526e63b_8b_", False),
        ("commons-text-api", "1.13.1-176.v74d88f22034b_", False),
        ("plugin-util-api", "6.1.0", False),
        ("workflow-step-api", "700.v6e45cb_a_5a_a_21", False),
        ("workflow-support", "968.v8f17397e87b_8", False),
        ("display-url-api", "2.209.v582ed814ff2f", False),
    ),
    "cloudbees-folder": (
        ("ionicons-api", "88.va_4187cb_eddf1", False),
        ("credentials", "1415.v831096eb_5534", True),
    ),
    "commons-text-api": (("commons-lang3-api", "3.18.0-98.v3a_674c06072d", False),),
    "credentials-binding": (
        ("workflow-step-api", "704.ve4f0967e98fa_", False),
        ("credentials", "1415.v831096eb_5534", False),
        ("plain-credentials", "199.v9f8e1f741799", False),
        ("ssh-credentials", "359.v2191c4cf635f", False),
        ("structs", "350.v3b_30f09f2363", False),
    ),
    "credentials": (
        ("commons-lang3-api", "3.17.0-84.vb_b_938040b_078", False),
        ("commons-text-api", "1.12.0-129.v99a_50df237f7", False),
        ("bouncycastle-api", "2.30.1.78.1-248.ve27176eb_46cb_", False),
        ("structs", "338.v848422169819", False),
    ),
    "dark-theme": (("theme-manager", "310.v234c7de84f9c", False),),
    "git": (
        ("dependency-0", "1", False),
        ("dependency-1", "1", False),
        ("dependency-2", "1", False),
        ("dependency-3", "1", False),
        ("dependency-4", "1", False),
        ("dependency-5", "1", False),
        ("dependency-6", "1", False),
        ("dependency-7", "1", False),
        ("dependency-8", "1", False),
        ("dependency-9", "1", False),
        ("dependency-10", "1", False),
        ("dependency-11", "1", False),
    ),
    "echarts-api": (
        ("bootstrap5-api", "5.3.3-2", False),
        ("commons-lang3-api", "3.18.0-98.v3a_674c06072d", False),
        ("commons-text-api", "1.13.1-176.v74d88f22034b_", False),
        ("font-awesome-api", "6.7.2-1", False),
        ("jquery3-api", "3.7.1-3", False),
        ("plugin-util-api", "6.1167.v022176c7e0ca_", False),
        ("jackson2-api", "2.19.2-408.v18248a_324cfe", False),
    ),
}
DETAILS: dict[str, dict[str, str]] = {
    "git": {
        "longName": "Git plugin",
        "requiredCoreVersion": "2.479.1",
        "supportsDynamicLoad": "MAYBE",
        "url": "https://github.com/jenkinsci/git-plugin",
    },
    "dark-theme": {
        "longName": "Dark Theme",
        "requiredCoreVersion": "2.513",
        "supportsDynamicLoad": "MAYBE",
        "url": "https://github.com/jenkinsci/dark-theme-plugin",
    },
}
