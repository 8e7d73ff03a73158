def call(String name) {
  def greeting = libraryResource('org/shop/greeting.txt').trim()
  echo "${greeting}, ${name}"
}

def politely(String name) {
  call("dear ${name}")
}
