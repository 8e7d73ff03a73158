package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The cells of a matrix. */
final class Cells {
    private Cells() {}

    /** Returns the values of each cell that is not excluded, the last axis changing first. */
    static List<Map<String, String>> of(Model.Matrix matrix) {
        List<Map<String, String>> cells = new ArrayList<>(List.of(Map.of()));
        for (Model.Axis axis : matrix.axes()) {
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> cell : cells) {
                for (String value : axis.values()) {
                    Map<String, String> one = new LinkedHashMap<>(cell);
                    one.put(axis.name(), value);
                    longer.add(one);
                }
            }
            cells = longer;
        }
        cells.removeIf(cell -> matrix.excludes().stream().anyMatch(each -> isExcluded(cell, each)));
        return cells;
    }

    private static boolean isExcluded(Map<String, String> cell, List<Model.Axis> exclude) {
        return exclude.stream().allMatch(each -> each.values().contains(cell.get(each.name())) != each.isNegated());
    }

    static String name(Map<String, String> cell) {
        return "Matrix - " + String.join(", ",
                cell.entrySet().stream().map(each -> each.getKey() + " = '" + each.getValue() + "'").toList());
    }
}
