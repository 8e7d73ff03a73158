"""A Job Builder tree of pipelines alone, in one folder: what a Jenkins without further plugins takes whole."""

from __future__ import annotations

from pathlib import Path

_TEMPLATES = """\
- job: {name: admin, project-type: folder, description: What keeps this Jenkins as Git says.}
- job: {name: seeded, project-type: folder}
- job-template:
    name: 'seeded/{service}-deploy'
    project-type: pipeline
    description: 'Deploys {service}.'
    sandbox: true
    properties:
      - build-discarder: {num-to-keep: 50}
    parameters:
      - string: {name: VERSION, default: latest, description: 'What to take, as in 1.2.3.', trim: true}
      - bool: {name: CLEAN, default: false, description: 'Begin with an empty workspace.'}
      - choice: {name: LEVEL, choices: [info, debug, trace], description: 'How much to log.'}
    triggers:
      - timed: 'H 3 * * 1-5'
    dsl: !include-raw-expand: deploy.groovy
"""
_PROJECT = "- project: {{name: service-{number}, service: service-{number}, jobs: ['seeded/{{service}}-deploy']}}\n"
_DEPLOY = """\
pipeline {{
  agent {{ label 'deploy' }}
  options {{ timestamps() }}
  stages {{
    stage('Check') {{ steps {{ sh 'platform check --service {service} --version "$VERSION"' }} }}
    stage('Deploy') {{
      steps {{
        withCredentials([file(credentialsId: 'kube-production', variable: 'KUBECONFIG')]) {{
          sh 'platform deploy --service {service} --environment production --version "$VERSION" --reason "$REASON"'
        }}
      }}
    }}
  }}
  post {{
    failure {{ mail to: 'ops@example.com', subject: "{service} in production failed", body: env.BUILD_URL }}
  }}
}}
"""


def make_pipelines(folder: Path, jobs: int) -> Path:
    """Fill FOLDER with a tree of JOBS pipelines, and return it."""
    folder.mkdir(parents=True)
    (folder / "templates.yaml").write_text(_TEMPLATES)
    (folder / "deploy.groovy").write_text(_DEPLOY)
    lines = (_PROJECT.format(number=number) for number in range(1, jobs + 1))
    (folder / "services.yaml").write_text("".join(lines))
    return folder
