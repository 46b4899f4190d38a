import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { serve } from './serve.js'

const ENTRY = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** Runs the built prober in a process of its own and reads its heap, collected, when half and when all of the results are out. */
async function heapAfter(url: string, repeat: number): Promise<number> {
  const cwd = mkdtempSync(join(tmpdir(), 'oidcgw-memory-'))
  writeFileSync(
    join(cwd, 'oidcgw.yaml'),
    `gateways: { local: { url: "${url}" } }\nsuites:\n  many:\n    cases: [{ get: /x, expect: { status: 200, headers: { x-route: orders } } }]\n`,
  )
  const script = `
    const { main } = await import(${JSON.stringify(ENTRY)})
    const code = await main(['probe', '--jobs', '32', '--repeat', '${repeat}', '-o', 'jsonl'])
    globalThis.gc(); globalThis.gc()
    console.error(JSON.stringify({ code, heap: process.memoryUsage().heapUsed }))
  `
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let [lines, errors] = [0, '']
  child.stdout.on('data', (chunk: Buffer) => void (lines += chunk.filter((byte) => byte === 10).length))
  child.stderr.on('data', (chunk: Buffer) => void (errors += chunk.toString()))
  await new Promise((resolve) => child.on('close', resolve))
  const { code, heap } = JSON.parse(errors.trim().split('\n').at(-1) ?? '{}') as { code: number; heap: number }
  expect({ code, lines }).toEqual({ code: 0, lines: repeat + 1 })
  return heap
}

test('20,000 cases take no more memory than 1,000: the heap grows by less than 20 MB', async () => {
  const { url } = await serve((_, response) => void response.writeHead(200, { 'x-route': 'orders' }).end('ok'))
  const few = await heapAfter(url, 1000)
  const many = await heapAfter(url, 20_000)
  expect((many - few) / 1024 / 1024).toBeLessThan(20)
})
