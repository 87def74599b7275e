"""``capacity workload``: commands that make, describe and convert job logs; each is a module of its own."""

from capacity.cli.lazy import LazyGroup

EPILOG = """\b
Examples:
  capacity workload generate gwangju-plan -o plan.swf.gz
  capacity workload convert KTH-SP2.swf.gz kth.parquet
  capacity workload describe gwangju-plan --against facts
  capacity workload fit log.swf.gz -o model.yaml --check
"""

COMMANDS = {
    "convert": "Convert a job log from one format to another.",
    "generate": "Draw a synthetic job log from a demand model.",
    "fit": "Calibrate a demand model to a log, as YAML one can read.",
    "describe": "A log or a demand model in numbers.",
}

command = LazyGroup(
    "workload",
    table=COMMANDS,
    package=__name__,
    help="Make job logs, for this tool and for others that read SWF, Parquet or CSV.",
    epilog=EPILOG,
)
