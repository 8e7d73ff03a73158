package dev.cictl.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** `junit`: counts what reports say, and makes the build unstable where tests failed. */
final class ReportSteps {
    private final Build build;

    private ReportSteps(Build build) {
        this.build = build;
    }

    static void addTo(Map<String, Steps.Slow> steps, Build build) {
        steps.put("junit", new ReportSteps(build)::junit);
    }

    private Object junit(StepCall call, Args args) throws Exception {
        Path folder = FileSteps.folder("junit", call.context());
        build.log(call.context(), "Recording test results");
        Counts counts = new Counts();
        if (!build.request().isDryRun()) {
            List<Path> files = Globs.find(folder, args.text("testResults"), null, true);
            for (Path each : files) {
                counts.add(folder.resolve(each));
            }
            checkAny(call, args, files, counts);
        }
        if (counts.failed > 0 && !args.flag("skipMarkingBuildUnstable", false)) {
            build.log(call.context(), counts.failed + " of " + counts.total() + " tests failed");
            build.mark(call.context(), Result.UNSTABLE);
        }
        build.events().send("tests", "passed", counts.passed, "failed", counts.failed, "skipped", counts.skipped,
                "failures", counts.failures);
        return counts.summary();
    }

    private void checkAny(StepCall call, Args args, List<Path> files, Counts counts) throws AbortException {
        boolean mayBeEmpty = args.flag("allowEmptyResults", false);
        if (files.isEmpty() && !mayBeEmpty) {
            throw new AbortException("No test report files were found. Configuration error?");
        }
        if (counts.total() > 0 || build.result() == Result.FAILURE) { // one that failed may not have got as far as its tests
            return;
        }
        String message = "None of the test reports contained any result";
        if (!mayBeEmpty) {
            throw new AbortException(message);
        }
        build.log(call.context(), message);
    }

    private static final class Counts {
        private int passed;
        private int failed;
        private int skipped;
        private final List<Object> failures = new java.util.ArrayList<>();

        int total() {
            return passed + failed + skipped;
        }

        Map<String, Object> summary() {
            Map<String, Object> summary = new LinkedHashMap<>();
            summary.put("totalCount", total());
            summary.put("failCount", failed);
            summary.put("skipCount", skipped);
            summary.put("passCount", passed);
            return summary;
        }

        void add(Path file) throws IOException, ParserConfigurationException {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            NodeList cases;
            if (Files.size(file) == 0) {
                fail(file.getFileName() + ".[empty]");
                return;
            }
            try (var in = Files.newInputStream(file)) {
                var reader = factory.newDocumentBuilder();
                reader.setErrorHandler(null);
                cases = reader.parse(in).getElementsByTagName("testcase");
            } catch (SAXException problem) {
                if (!file.toString().endsWith(".xml")) {
                    throw new IOException("Failed to read " + file
                            + "\nIs this really a JUnit report file? Your configuration must be matching too many files", problem);
                }
                fail(file.getFileName() + ".[failed-to-read]");
                return;
            }
            for (int i = 0; i < cases.getLength(); i++) {
                count((Element) cases.item(i));
            }
        }

        private void count(Element testCase) {
            boolean isFailure = has(testCase, "failure") || has(testCase, "error");
            if (isFailure) {
                fail(testCase.getAttribute("classname") + "." + testCase.getAttribute("name"));
            } else if (has(testCase, "skipped")) {
                skipped++;
            } else {
                passed++;
            }
        }

        private void fail(String name) {
            failed++;
            failures.add(name);
        }

        private static boolean has(Element element, String name) {
            return element.getElementsByTagName(name).getLength() > 0;
        }
    }
}
