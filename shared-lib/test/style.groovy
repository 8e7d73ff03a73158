ruleset {
    // Its rules for pipelines look at files called Jenkinsfile only, unless told.
    ruleset('rulesets/jenkins.xml') {
        ['ParameterOrReturnTypeNotSerializable', 'ObjectOverrideOnlyNonCpsMethods', 'ForbiddenCallInCpsMethod',
         'ExpressionInCpsMethodNotSerializable', 'CpsCallFromNonCpsMethod', 'ClosureInGString', 'ClassNotSerializable'].each {
            "${it}" { applyToFileNames = '*.groovy' }
        }
    }
    ruleset('rulesets/imports.xml') {
        exclude 'MisorderedStaticImports'
        exclude 'NoWildcardImports'
    }
    ruleset('rulesets/unused.xml')
    ruleset('rulesets/basic.xml')
    ruleset('rulesets/security.xml') {
        exclude 'JavaIoPackageAccess'
    }
    ruleset('rulesets/size.xml') {
        exclude 'AbcMetric'
        exclude 'CrapMetric'
        MethodSize { maxLines = 40 }
        ClassSize { maxLines = 250 }
    }
}
