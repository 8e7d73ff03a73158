package org.shop

class Refusal implements Serializable {
  private final def steps

  Refusal(steps) { this.steps = steps }

  void refuse(String what) {
    steps.error "no ${what}"
  }
}
