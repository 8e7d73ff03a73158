package org.shop

import com.cloudbees.groovy.cps.NonCPS

class Counter implements Serializable {
  private final def steps
  private int count = 0

  Counter(steps) { this.steps = steps }

  void tick() {
    count++
    steps.echo "tick ${count}"
  }

  @NonCPS
  List<Integer> descending(List<Integer> numbers) {
    numbers.toSorted { a, b -> b <=> a }
  }
}
