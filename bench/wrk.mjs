// What a load run by wrk says, and what it cost a server.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK']).stdout.toString())
/** Seconds of CPU that a process and its children have used. */
export function cpuSeconds(pid) {
  const pids = [
    pid,
    ...spawnSync('pgrep', ['-P', String(pid)])
      .stdout.toString()
      .split('\n')
      .filter(Boolean),
  ]
  return pids.reduce((sum, one) => {
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return sum + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  }, 0)
}

/** Rate and latencies (ms) of wrk's report; `cpuPerRequest` in seconds. */
export function readReport(text, cpuPerRequest) {
  const latency = (percent) => {
    const [, value, unit] = new RegExp(`^ +${percent}% +([\\d.]+)(us|ms|s)`, 'm').exec(text) ?? []
    return Number(value) * { us: 0.001, ms: 1, s: 1000 }[unit]
  }
  return { rate: Number(/Requests\/sec: +([\d.]+)/.exec(text)?.[1]), cpuUs: cpuPerRequest * 1e6, p50: latency(50), p99: latency(99) }
}

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
export const shuffle = (list) =>
  list
    .map((item) => [Math.random(), item])
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
