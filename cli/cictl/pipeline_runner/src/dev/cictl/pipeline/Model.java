package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A declarative pipeline as it was read. What can only be known while it runs is a <i>leaf</i>: the index of a closure in
 * the list that the compiled script hands over; -1 where there is none.
 */
final class Model {
    private Model() {}

    /** The pipeline itself, a stage, or a matrix with its cells: what they share. */
    static final class Block {
        final String name;
        final Problem.Place place;
        Agent agent;
        When when;
        Input input;
        int steps = -1;
        boolean hasFailFast;
        boolean isParallel;
        Matrix matrix;
        final List<EnvEntry> environment = new ArrayList<>();
        final List<Call> options = new ArrayList<>();
        final List<Call> parameters = new ArrayList<>();
        /** The parameters whose names are literals, each with its choices as far as those are, too. */
        final Map<String, List<String>> parameterNames = new TreeMap<>();
        final List<Block> stages = new ArrayList<>();
        final Map<String, Integer> post = new LinkedHashMap<>();

        Block(String name, Problem.Place place) {
            this.name = name;
            this.place = place;
        }

        boolean hasOption(String option) {
            return options.stream().anyMatch(each -> each.name().equals(option));
        }
    }

    /** A named call whose arguments the leaf returns as a list. */
    record Call(String name, int arguments, Problem.Place place) {}

    /** One variable: a value, or the id of a credential. */
    record EnvEntry(String name, boolean isCredential, int value, Set<String> names) {}

    record Agent(String type, int workspace) {
        boolean isNode() {
            return !"none".equals(type);
        }
    }

    record When(Condition condition, boolean isBeforeAgent, boolean isBeforeInput, boolean isBeforeOptions) {}

    /** A condition: its arguments, for `expression` its closure, and those within it. */
    record Condition(String name, int arguments, int expression, List<Condition> inner) {}

    record Input(int arguments, List<Call> parameters) {}

    record Axis(String name, List<String> values, boolean isNegated) {}

    record Matrix(List<Axis> axes, List<List<Axis>> excludes) {}
}
