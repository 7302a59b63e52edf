// Owns the facts about the machine a benchmark ran on: enough to compare runs, nothing that names host or user.
import os from 'node:os';

export function machineFacts() {
  const cpus = os.cpus();
  return {
    platform: process.platform,
    arch: process.arch,
    cores: cpus.length,
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    memoryGb: Math.round(os.totalmem() / 1e9),
    node: process.versions.node,
    v8: process.versions.v8,
    loadAtStart: os.loadavg().map((value) => Number(value.toFixed(2))),
  };
}
