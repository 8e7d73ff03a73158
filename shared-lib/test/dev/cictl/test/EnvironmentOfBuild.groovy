package dev.cictl.test

import org.jenkinsci.plugins.workflow.support.actions.EnvironmentAction

/** `env`, and the rules of `withEnv`: dollars mean nothing, what is empty is unset, NAME+X goes in front of NAME. */
class EnvironmentOfBuild implements EnvironmentAction, Serializable {
    private final List<Map<String, String>> layers = [[:]]

    Map<String, String> all() {
        return layers.last()
    }

    Map<String, String> getEnvironment() {
        return all()
    }

    Object getProperty(String name) {
        return name == 'layers' ? this.@layers : layers.last().get(name)
    }

    void setProperty(String name, Object value) {
        layers.each { value == null ? it.remove(name) : it.put(name, value as String) }
    }

    Object with(List<String> settings, Closure body) {
        Map<String, String> layer = new LinkedHashMap<String, String>(all())
        settings.each { set(layer, it.toString()) }
        layers.add(layer)
        try {
            return body()
        } finally {
            layers.remove(layers.size() - 1)
        }
    }

    private static void set(Map<String, String> layer, String setting) {
        int equals = setting.indexOf('=')
        String name = setting.substring(0, equals)
        String value = setting.substring(equals + 1)
        if (name.contains('+')) {
            String path = name.substring(0, name.indexOf('+'))
            layer.put(path, value + (layer.get(path) ? ':' + layer.get(path) : ''))
        } else if (value.isEmpty()) {
            layer.remove(name)
        } else {
            layer.put(name, value)
        }
    }
}
