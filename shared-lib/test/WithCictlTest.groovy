import dev.cictl.test.InEachForm
import org.junit.Test

/** What an agent has within `withCictl`, and what is left of it afterwards. */
class WithCictlTest extends InEachForm {
    static final String PASSWORD = 'p"a$$w\'ö `rd'

    private Map<String, Object> seen(Map<String, Object> options, Map<String, Object> platform = [:]) {
        build.resources['dev/cictl/platform.json'] = groovy.json.JsonOutput.toJson([version: '0.1.0'] + platform)
        Map<String, Object> found = [:]
        build.step('withCictl', options, { -> found.putAll(build.env.all()) })
        return found
    }

    @Test
    void 'a cictl of the right version on PATH is used'() {
        assert seen([:]).PATH.startsWith(new File('bin').absolutePath + ':')
    }

    @Test
    void 'another version is installed from the platform, which is to be there'() {
        String said = problem { seen([version: '9.9.9']) }
        assert said == 'script returned exit code 3'
        assert new File(build.root, 'trace').text.contains('no cictl 9.9.9 on PATH (')
    }

    @Test
    void 'it is installed once for each agent, from the checkout of the platform'() {
        File programs = new File(build.root, 'programs')
        programs.mkdirs()
        File python = new File(programs, 'python3')
        python.text = """#!/bin/sh
            echo "\$@" >> '${build.root}/installed'
            mkdir -p "\$3/bin"
            cp '${new File('bin/cictl').absolutePath}' "\$3/bin/cictl"
            printf '#!/bin/sh\\necho pip >> ${build.root}/installed\\n' > "\$3/bin/python"
            chmod +x "\$3/bin/python"
            """.stripIndent()
        python.executable = true
        build.env.PATH = "${programs}:/usr/bin:/bin"
        ['pyproject.toml', 'requirements.lock', 'cli/cictl/root.py'].each {
            File file = new File(build.folder, it)
            file.parentFile.mkdirs()
            file.text = it
        }
        String place = seen([:]).PATH.split(':')[0]
        assert place.startsWith("${build.root}/.cache/cictl/agent/0.1.0-") && new File(place, 'cictl').exists()
        assert seen([:]).PATH.split(':')[0] == place
        assert new File(build.root, 'installed').readLines()*.take(7) == ['-m venv', 'pip']
    }

    @Test
    void 'the kubeconfig is bound for the block alone'() {
        build.credentials.production = '/secrets/kubeconfig'
        assert seen([kubeconfig: 'production']).KUBECONFIG == '/secrets/kubeconfig'
        assert build.env.KUBECONFIG == null
    }

    @Test
    void 'Docker is signed in by a file of this build alone, which goes away'() {
        build.credentials.registry = [username: 'push:er', password: PASSWORD]
        File config = null
        Map<String, Object> written = [:]
        build.resources['dev/cictl/platform.json'] = '{"version": "0.1.0", "registryUrl": "r.example:5000"}'
        build.step('withCictl', [registry: 'registry'], { ->
            config = new File(build.env.DOCKER_CONFIG, 'config.json')
            written.putAll(new groovy.json.JsonSlurperClassic().parse(config))
        })
        assert new String(written.auths['r.example:5000'].auth.decodeBase64(), 'UTF-8') == 'push:er:' + PASSWORD
        assert !config.parentFile.exists()
        assert build.env.DOCKER_CONFIG == null
        assert !new File(build.root, 'trace').text.contains(written.auths['r.example:5000'].auth)
    }

    @Test
    void 'Docker is signed out also where the block fails'() {
        build.credentials.registry = [username: 'u', password: 'p']
        String place = null
        problem {
            build.step('withCictl', [registry: 'registry'], { ->
                place = build.env.DOCKER_CONFIG
                throw new IOException('no')
            })
        }
        assert place != null && !new File(place).exists()
    }

    @Test
    void 'a service in its own repository gets the platform beside it, and is found where it is'() {
        new File(build.folder, 'service.yaml').text = 'name: big-cart\n'
        Map<String, Object> platform = [repo: 'https://git.example.com/platform.git', branch: 'main', credentials: 'git']
        Map<String, Object> found = seen([service: 'big-cart'], platform)
        assert found.CICTL_CONFIG == "${build.temporary}/cictl/platform/cictl.yaml"
        assert found.CICTL_SERVICES_BIG_CART_PATH == build.folder.path
        Map asked = build.argumentsOf('checkout')[0]
        assert asked.scm.branches == [[name: 'refs/heads/main']]
        assert asked.scm.userRemoteConfigs == [[url: 'https://git.example.com/platform.git', credentialsId: 'git']]
        assert asked.changelog == false && asked.poll == false
    }

    @Test
    void 'the platform itself is used as it is checked out'() {
        new File(build.folder, 'cictl.yaml').text = 'version: 1\n'
        Map<String, Object> found = seen([service: 'checkout'], [repo: 'https://git.example.com/platform.git', branch: 'main'])
        assert found.CICTL_CONFIG == null && found.CICTL_SERVICES_CHECKOUT_PATH == null
        assert build.argumentsOf('checkout') == []
    }

    @Test
    void 'a credential that is not there is named by Jenkins'() {
        assert problem { seen([kubeconfig: 'none']) } == "Could not find credentials entry with ID 'none'"
    }
}
