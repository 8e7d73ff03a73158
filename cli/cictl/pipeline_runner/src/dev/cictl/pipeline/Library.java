package dev.cictl.pipeline;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The annotation by which a Jenkinsfile asks for libraries: `@Library('name') _`. */
@Retention(RetentionPolicy.SOURCE)
public @interface Library {
    String[] value();
}
