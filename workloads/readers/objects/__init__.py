"""Lists of jobs in JSON: ``sacct --json``, ``flux jobs --json``, and Jobs and Workloads of Kubernetes."""
