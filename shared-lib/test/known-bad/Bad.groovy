package dev.cictl

import com.cloudbees.groovy.cps.NonCPS
import java.util.regex.Matcher

class Bad {
    Object steps

    @NonCPS
    String sum() {
        return stepped()
    }

    String stepped() {
        List<Integer> numbers = [3, 1, 2].sort { a, b -> a <=> b }
        Matcher found = 'a1' =~ /(\d)/
        steps.echo("${-> numbers}")
        return found.group(1)
    }

    Matcher matcher(Matcher given) {
        return given
    }

    @Override
    String toString() {
        return stepped()
    }
}
