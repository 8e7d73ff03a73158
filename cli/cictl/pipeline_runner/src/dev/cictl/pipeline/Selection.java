package dev.cictl.pipeline;

import java.util.HashSet;
import java.util.Set;

/** Which stages were asked for: one with what is in and around it, or all but those that end before another. */
final class Selection {
    private final Set<Model.Block> selected = new HashSet<>();
    private final Request request;
    private boolean hasBegun;

    Selection(Request request, Model.Block root) {
        this.request = request;
        hasBegun = request.from() == null;
        root.stages.forEach(each -> visit(each, false));
    }

    /** Selects STAGE if it or what is in it is asked for; IS INSIDE what is. Returns whether it did. */
    private boolean visit(Model.Block stage, boolean isInside) {
        hasBegun |= stage.name.equals(request.from());
        boolean isAsked = isInside || request.stage() == null || stage.name.equals(request.stage());
        boolean isSelected = isAsked && hasBegun;
        for (Model.Block each : stage.stages) {
            isSelected |= visit(each, isAsked && request.stage() != null);
        }
        if (isSelected) {
            selected.add(stage);
        }
        return isSelected;
    }

    boolean isSelected(Model.Block stage) {
        return selected.contains(stage);
    }
}
