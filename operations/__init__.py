"""What we do about it: plans, redrives, releases; permission and audit around each.

Pages and command lines ask (`redrive.ask`); only the worker (`worker.run`) sends."""
