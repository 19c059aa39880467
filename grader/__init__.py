"""From a text source to a mark with a reason: release, repair, run in a sandbox, verify, record, report."""
