// Requests per second of `probe --jobs 32` against autocannon at 32 connections on the same route. Goal ≥ 0.50, gate 0.25 (issue 4).
// Interleaved rounds, median of the pairwise ratios: the machine's mood is in both arms of a pair.
import { createServer } from 'node:http'
import { fork } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'

const [GOAL, GATE, CASES, ROUNDS, JOBS] = [0.5, 0.25, 1000, 5, 32]
const self = fileURLToPath(import.meta.url)

if (process.argv[2] === 'serve') {
  const body = 'x'.repeat(200)
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end(body))
  server.listen(0, '127.0.0.1', () => process.send(server.address().port))
} else {
  process.exitCode = await main()
}

async function main() {
  // The server is a process of its own: it must not compete with either client for the event loop.
  const child = fork(self, ['serve'])
  const port = await new Promise((resolve) => child.once('message', resolve))
  const url = `http://127.0.0.1:${port}`
  const cwd = mkdtempSync(join(tmpdir(), 'oidcgw-bench-'))
  const token = 'x'.repeat(800)
  writeFileSync(
    join(cwd, 'oidcgw.yaml'),
    `gateways: { local: { url: "${url}" } }
suites:
  many:
    cases: [{ get: /orders, headers: { authorization: "Bearer ${token}" }, expect: { status: 200, headers: { content-type: text/plain } } }]
`,
  )
  const rounds = []
  try {
    await probeOnce(cwd, CASES)
    for (let round = 0; round < ROUNDS; round++) {
      const probe = await probeOnce(cwd, CASES * 5)
      const cannon = await cannonOnce(url, token, CASES * 5)
      rounds.push({ probe, cannon, ratio: probe / cannon })
    }
  } finally {
    child.kill()
  }
  const ratio = median(rounds.map((round) => round.ratio))
  const report = {
    bench: 'probe',
    jobs: JOBS,
    rounds: rounds.map(({ probe, cannon, ratio: each }) => ({
      probe: Math.round(probe),
      autocannon: Math.round(cannon),
      ratio: round2(each),
    })),
    ratio: round2(ratio),
    goal: GOAL,
    gate: GATE,
    reached: ratio >= GOAL ? 'goal' : ratio >= GATE ? 'gate' : 'neither',
  }
  console.log(JSON.stringify(report, null, 2))
  return ratio >= GATE ? 0 : 1
}

/** Requests per second as the report's own clock has them: what starts and stops a process is not what is compared. */
async function probeOnce(cwd, repeat) {
  const { spawn } = await import('node:child_process')
  const bin = fileURLToPath(new URL('../bin/oidcgw.js', import.meta.url))
  const child = spawn(process.execPath, [bin, 'probe', '--jobs', String(JOBS), '--repeat', String(repeat), '-o', 'jsonl'], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let tail = ''
  for await (const chunk of child.stdout) tail = (tail + chunk).slice(-20_000)
  const summary = JSON.parse(tail.trim().split('\n').at(-1))
  if (summary.counts.pass !== repeat) throw new Error(`only ${summary.counts.pass} of ${repeat} passed`)
  return repeat / (summary.durationMs / 1000)
}

async function cannonOnce(url, token, amount) {
  const result = await autocannon({ url: `${url}/orders`, connections: JOBS, amount, headers: { authorization: `Bearer ${token}` } })
  return amount / ((result.finish - result.start) / 1000)
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function round2(value) {
  return Math.round(value * 100) / 100
}
