"""A Job Builder tree of as many jobs as asked for, each as long as those of real trees: 5 KB of XML in the mean."""

from __future__ import annotations

from pathlib import Path

PER_SERVICE = 5  # a build, a multibranch pipeline, a deployment to each of three environments
_SCRIPTS = ("build", "test", "package", "publish")
_TEMPLATES = """\
- defaults:
    name: build
    node: linux
    concurrent: true
    properties:
      - build-discarder: {num-to-keep: 50, days-to-keep: 30}
      - throttle: {max-per-node: 1, max-total: 2, categories: [builds], option: category}
    wrappers:
      - timeout: {timeout: 60, fail: true}
      - timestamps
      - ansicolor
      - credentials-binding:
          - username-password-separated: {credential-id: registry, username: REGISTRY_USER, password: REGISTRY_PASSWORD}
          - text: {credential-id: sonar, variable: SONAR}
- builder:
    name: step
    builders:
      - shell: !include-raw-verbatim: '{script}.sh'
- publisher:
    name: reports
    publishers:
      - junit: {results: '**/target/surefire-reports/*.xml', allow-empty-results: true}
      - archive: {artifacts: '{artifacts}', allow-empty: true, fingerprint: true}
      - html-publisher: {name: Coverage, dir: target/site/jacoco, files: index.html, allow-missing: true}
      - email-ext:
          recipients: '{team}@example.com'
          subject: '{service}: $BUILD_STATUS'
          failure: true
          fixed: true
          attach-build-log: true
          send-to: [developers, requester]
      - workspace-cleanup: {include: ['**/target/**'], dirmatch: true, fail-build: false}
- parameter:
    name: versions
    parameters:
      - string: {name: VERSION, default: '{version|latest}', description: 'What to take, as in 1.2.3.', trim: true}
      - bool: {name: CLEAN, default: false, description: 'Begin with an empty workspace.'}
      - choice: {name: LEVEL, choices: [info, debug, trace], description: 'How much to log.'}
- job-template:
    name: '{service}-build'
    defaults: build
    description: |
      Builds {service} of {team}.

      Changes of this job go through the repository.
    scm:
      - git:
          url: '{repo}'
          branches: ['{branch}']
          credentials-id: ci
          shallow-clone: true
          timeout: 20
          submodule: {recursive: true}
          browser: githubweb
          browser-url: '{repo}'
    triggers:
      - pollscm: {cron: 'H/15 * * * *'}
      - timed: 'H 3 * * 1-5'
    parameters:
      - versions
    builders:
      - step: {script: build}
      - step: {script: test}
      - step: {script: package}
      - maven-target: {maven-version: Maven 3, pom: pom.xml, goals: '-B {goals}', properties: [revision=$VERSION]}
      - step: {script: publish}
      - conditional-step:
          condition-kind: strings-match
          condition-string1: $CLEAN
          condition-string2: 'true'
          steps:
            - shell: rm -rf target
    publishers:
      - reports: {artifacts: '{artifacts}', team: '{team}', service: '{service}'}
      - trigger-parameterized-builds:
          - project: '{service}-deploy-dev'
            condition: SUCCESS
            current-parameters: true
- job-template:
    name: '{service}-deploy-{env}'
    project-type: pipeline
    description: 'Deploys {service} to {env}.'
    sandbox: true
    properties:
      - build-discarder: {num-to-keep: 50}
    parameters:
      - versions
      - string: {name: REASON, default: '', description: 'Why, for the record.'}
    dsl: !include-raw-expand: deploy.groovy
- job-template:
    name: '{service}-branches'
    project-type: multibranch
    periodic-folder-trigger: 1d
    number-to-keep: 20
    scm:
      - git: {url: '{repo}', credentials-id: ci, discover-tags: true, head-filter-regex: '(main|release-.*|feature-.*)'}
- job-group:
    name: service-jobs
    jobs: ['{service}-build', '{service}-deploy-{env}', '{service}-branches']
"""
_SERVICE = """\
- project:
    name: service-{number}
    service: service-{number}
    team: team-{team}
    repo: https://git.example.com/shop/service-{number}.git
    branch: main
    goals: clean verify
    artifacts: 'target/*.jar,target/*.war'
    env: [dev, staging, production]
    jobs: [service-jobs]
"""
_SCRIPT = """\
#!/bin/bash
set -euo pipefail
echo "{name} of $JOB_NAME, build $BUILD_NUMBER"
for module in api core web worker; do
  if [ -d "$module" ] && [ -f "$module/pom.xml" ]; then
    echo "{name}: $module" >&2
    (cd "$module" && ./mvnw -B -q "{name}" -Drevision="$VERSION" -Dlevel="$LEVEL") || failed="$failed $module"
  fi
done
[ -z "$failed" ] || exit 1
"""
_DEPLOY = """\
pipeline {{
  agent {{ label 'deploy' }}
  options {{ timestamps() }}
  stages {{
    stage('Check') {{
      steps {{
        sh 'platform check --service {service} --environment {env} --version "$VERSION"'
      }}
    }}
    stage('Deploy') {{
      steps {{
        withCredentials([file(credentialsId: 'kube-{env}', variable: 'KUBECONFIG')]) {{
          sh 'platform deploy --service {service} --environment {env} --version "$VERSION" --reason "$REASON"'
        }}
      }}
    }}
  }}
  post {{
    failure {{
      mail to: '{team}@example.com', subject: "{service} in {env} failed", body: env.BUILD_URL
    }}
  }}
}}
"""


def make_tree(folder: Path, jobs: int) -> int:
    """Fill FOLDER with a tree of at least JOBS jobs; return how many it makes."""
    folder.mkdir(parents=True)
    (folder / "templates.yaml").write_text(_TEMPLATES)
    (folder / "deploy.groovy").write_text(_DEPLOY)
    for name in _SCRIPTS:
        (folder / f"{name}.sh").write_text(_SCRIPT.format(name=name))
    services = -(-jobs // PER_SERVICE)
    for number in range(1, services + 1):
        (folder / f"service-{number}.yaml").write_text(_SERVICE.format(number=number, team=number % 7))
    return services * PER_SERVICE
