def call(String what) {
  stage('Refuse') {
    new org.shop.Refusal(this).refuse(what)
  }
}
