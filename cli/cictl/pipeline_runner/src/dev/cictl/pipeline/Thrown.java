package dev.cictl.pipeline;

/** Throws what Java would have declared: Groovy declares nothing. */
final class Thrown {
    private Thrown() {}

    @SuppressWarnings("unchecked")
    static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
