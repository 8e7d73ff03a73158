package dev.cictl.pipeline;

import hudson.AbortException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** `withCredentials`, and `credentials()` of declarative environments. */
final class CredentialStep implements Steps.Slow {
    private static final Map<String, String> CLASSES = Map.of(
            "StringBinding", "string",
            "UsernamePasswordMultiBinding", "usernamePassword",
            "UsernamePasswordBinding", "usernameColonPassword",
            "FileBinding", "file",
            "SSHUserPrivateKeyBinding", "sshUserPrivateKey");

    private final Build build;

    CredentialStep(Build build) {
        this.build = build;
    }

    @Override
    public Object run(StepCall call, Args args) throws Throwable {
        Map<String, String> variables = new LinkedHashMap<>();
        List<Path> files = new ArrayList<>();
        try {
            for (Object each : args.list("bindings")) {
                bind((Map<?, ?>) each, variables, files);
            }
            List<String> secrets = new ArrayList<>(variables.keySet());
            args.list("bindings").forEach(each -> secrets.remove(String.valueOf(((Map<?, ?>) each).get("usernameVariable"))));
            build.log(call.context(), "Masking supported pattern matches of "
                    + String.join(" or ", secrets.stream().map(name -> "$" + name).toList()));
            return call.body(args.body(), call.context().with(variables, Map.of()));
        } finally {
            remove(files);
        }
    }

    static void remove(List<Path> files) throws IOException {
        for (Path each : files) {
            Files.deleteIfExists(each);
        }
    }

    private void bind(Map<?, ?> binding, Map<String, String> variables, List<Path> files) throws IOException {
        String id = String.valueOf(binding.get("credentialsId"));
        String content = build.credential(id);
        switch (kind(binding)) {
            case "string" -> variables.put(name(binding, "variable"), secret(content.strip()));
            case "usernameColonPassword" -> {
                login(id, content);
                variables.put(name(binding, "variable"), secret(content.strip()));
            }
            case "usernamePassword" -> {
                String[] login = login(id, content);
                variables.put(name(binding, "usernameVariable"), login[0]);
                variables.put(name(binding, "passwordVariable"), login[1]);
            }
            case "file" -> variables.put(name(binding, "variable"), file(content, files));
            case "sshUserPrivateKey" -> {
                variables.put(name(binding, "keyFileVariable"), file(content, files));
                putIfNamed(binding, "usernameVariable", build.user(), variables);
                putIfNamed(binding, "passphraseVariable", "", variables);
            }
            default -> throw new AbortException("withCredentials: " + kind(binding) + " cannot be bound without a Jenkins");
        }
    }

    private static String kind(Map<?, ?> binding) {
        if (binding instanceof Steps.Described described) {
            return described.symbol;
        }
        String type = String.valueOf(binding.get("$class"));
        return CLASSES.getOrDefault(type.substring(type.lastIndexOf('.') + 1), type);
    }

    private static String name(Map<?, ?> binding, String key) throws AbortException {
        if (binding.get(key) == null) {
            throw new AbortException("withCredentials: a binding lacks " + key);
        }
        return binding.get(key).toString();
    }

    private static void putIfNamed(Map<?, ?> binding, String key, String value, Map<String, String> variables) {
        if (binding.get(key) != null) {
            variables.put(binding.get(key).toString(), value);
        }
    }

    /** Binds the credential ID to NAME as its content lets think: a file if it has lines, else a text or a login. */
    void bind(String name, String id, Map<String, String> variables, List<Path> files) throws IOException {
        String content = build.credential(id);
        if (content.strip().contains("\n")) {
            variables.put(name, file(content, files));
            return;
        }
        variables.put(name, secret(content.strip()));
        int colon = content.indexOf(':');
        if (colon > 0) {
            String[] login = login(id, content);
            variables.put(name + "_USR", login[0]);
            variables.put(name + "_PSW", login[1]);
        }
    }

    private String[] login(String id, String content) throws AbortException {
        String[] parts = content.strip().split(":", 2);
        if (parts.length != 2) {
            throw new AbortException("Credentials '" + id + "' is of no user and password: its content must be user:password");
        }
        secret(parts[1]);
        return parts;
    }

    private String secret(String value) {
        build.events().secrets().add(value);
        return value;
    }

    private String file(String content, List<Path> files) throws IOException {
        secret(content);
        Path file = Files.createTempFile(build.request().scratch(), "secret", "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, content);
        files.add(file);
        return file.toString();
    }
}
