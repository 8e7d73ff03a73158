import org.codehaus.groovy.ast.ClassCodeVisitorSupport
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.builder.AstBuilder
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.MapEntryExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.VariableExpression
import org.codehaus.groovy.control.CompilePhase
import org.codehaus.groovy.control.SourceUnit
import org.junit.Test

/** No value becomes code of the shell: every `sh` is given text that stands in the source as it is. */
class SourceTest {
    static final File LIBRARY = new File('..').canonicalFile
    static final List<String> STEPS = new File(LIBRARY, 'vars').list().findAll { it.endsWith('.groovy') }*.minus('.groovy').sort()

    @Test
    void 'every script of sh is a literal'() {
        List<File> sources = files(LIBRARY, ['vars', 'src']) + files(LIBRARY.parentFile, ['pipelines'])
        sources.add(new File(LIBRARY.parentFile, 'Jenkinsfile'))
        assert sources.size() > 20
        assert sources.collectMany { File file -> variableScripts(file.text).collect { "${file.name}: ${it}".toString() } } == []
    }

    @Test
    void 'one that is not is found'() {
        assert variableScripts('sh "echo $x"') == ['sh']
        assert variableScripts('sh(script: "echo ${x}", label: "a ${x}")') == ['sh']
        assert variableScripts("sh(script: 'echo ' + x)") == ['sh']
        assert variableScripts("steps.sh(script: x)") == ['sh']
        assert variableScripts('''cictl.run("label", [:], "cictl ${x}")''') == ['run']
        assert variableScripts('''String command = "cictl ${x}"''') == ['command']
        assert variableScripts('sh "$x"; [sh: 1]; sh(script: \'ok\', label: "a ${x}")') == ['sh']
    }

    @Test
    void 'every step has its help and its test'() {
        String tests = new File('.').listFiles().findAll { it.name.endsWith('Test.groovy') }*.text.join('\n')
        STEPS.each { String step ->
            assert new File(LIBRARY, "vars/${step}.txt").exists() : step
            assert tests.contains("'${step}'") : step
        }
    }

    @Test
    void 'what holds state can be saved'() {
        files(LIBRARY, ['src']).each { File file ->
            assert file.text.contains(' implements Serializable {') && file.text.contains('serialVersionUID = 1L') : file.name
        }
    }

    private static List<File> files(File root, List<String> folders) {
        List<File> found = []
        folders.each { new File(root, it).eachFileRecurse { if (it.name =~ /\.(groovy|Jenkinsfile)$/) { found.add(it) } } }
        return found
    }

    private static List<String> variableScripts(String source) {
        List<String> found = []
        List nodes = new AstBuilder().buildFromString(CompilePhase.CONVERSION, false, source.replaceAll(/@Library\(.*\) _;?/, ''))
        Scripts visitor = new Scripts(found: found)
        nodes.each { it instanceof ClassNode ? visitor.visitClass(it) : it.visit(visitor) }
        return found.unique()
    }

    /** Visits calls that hand text to a shell. */
    private static class Scripts extends ClassCodeVisitorSupport {
        List<String> found

        @Override
        protected SourceUnit getSourceUnit() {
            return null
        }

        @Override
        void visitMethodCallExpression(MethodCallExpression call) {
            List<Expression> arguments = call.arguments.hasProperty('expressions') ? call.arguments.expressions : []
            if (call.methodAsString == 'sh' && !arguments.every { isScript(it) }) {
                found.add('sh')
            }
            if (call.methodAsString == 'run' && arguments.size() == 3 && !isLiteral(arguments[2])) {
                found.add('run')
            }
            super.visitMethodCallExpression(call)
        }

        @Override
        void visitDeclarationExpression(org.codehaus.groovy.ast.expr.DeclarationExpression declared) {
            if (declared.leftExpression instanceof VariableExpression && declared.leftExpression.name == 'command' &&
                !isLiteral(declared.rightExpression)) {
                found.add('command')
            }
            super.visitDeclarationExpression(declared)
        }

        private boolean isScript(Expression argument) {
            if (argument.hasProperty('mapEntryExpressions')) {
                MapEntryExpression entry = argument.mapEntryExpressions.find { it.keyExpression.text == 'script' }
                return entry != null && isLiteral(entry.valueExpression)
            }
            return isLiteral(argument)
        }

        /** Text as it stands, sums of it, a resource, or a `command`, which is looked at where it is made. */
        private boolean isLiteral(Expression expression) {
            if (expression instanceof BinaryExpression) {
                return isLiteral(expression.leftExpression) && isLiteral(expression.rightExpression)
            }
            boolean isResource = expression instanceof MethodCallExpression && expression.methodAsString == 'libraryResource'
            return expression instanceof ConstantExpression || isResource ||
                expression instanceof VariableExpression && expression.name == 'command'
        }
    }
}
