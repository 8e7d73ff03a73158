def call(Map config) {
  pipeline {
    agent any
    environment {
      SERVICE = "${config.service}"
    }
    stages {
      stage('Build') {
        when { expression { config.service != 'none' } }
        steps { echo "building ${SERVICE}" }
      }
    }
  }
}
