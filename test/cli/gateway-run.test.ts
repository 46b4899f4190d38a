import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from '../../src/cli/run.js'
import { startEcho } from '../../src/lab/echo.js'
import { createMemoryHost, cli, type MemoryHostOptions } from '../support/memory-host.js'

async function folder(files: Readonly<Record<string, string>>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'oidcgw-run-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text)
  return path
}

async function document(path = '/a', more = ''): Promise<string> {
  const echo = await startEcho()
  onTestFinished(() => echo.close())
  return `_format_version: "3.0"\nservices:\n  - name: echo\n    url: ${echo.url}\n    routes:\n      - name: r\n        paths: [${path}]\n        strip_path: true\n${more}`
}

/** Runs `gateway run` until the test is over; returns once the URL has been printed. */
async function start(argv: readonly string[], options: MemoryHostOptions = {}) {
  const controller = new AbortController()
  const host = createMemoryHost({ ...options, signal: controller.signal })
  const done = run(['gateway', 'run', '--port', '0', ...argv], host)
  const stop = async () => {
    controller.abort()
    return await done
  }
  onTestFinished(async () => void (await stop()))
  await expect.poll(() => host.out(), { timeout: 10_000 }).toContain('http://')
  return { host, stop, url: /http:\/\/[\d.:]+/.exec(host.out())?.[0] as string }
}

describe('gateway run', () => {
  test('serves a document and stops when asked to, exit 0', async () => {
    const cwd = await folder({ 'kong.yaml': await document() })
    const { url, host, stop } = await start(['kong.yaml'], { cwd })
    expect((await fetch(`${url}/a/get`)).status).toBe(200)
    expect((await fetch(`${url}/b`)).status).toBe(404)
    expect(host.out()).toBe(`${url}\n`)
    expect(host.err()).toMatch(/^The gateway runs; Ctrl-C stops it\. Configuration [0-9a-f]{32}\n$/)
    expect(await stop()).toBe(0)
    await expect(fetch(url)).rejects.toThrow()
  })

  test('says what it does not imitate, with the position', async () => {
    const cwd = await folder({ 'kong.yaml': await document('/a', 'plugins:\n  - name: rate-limiting\n    config: { minute: 5 }\n') })
    const { host } = await start(['kong.yaml'], { cwd })
    expect(host.err()).toMatch(/note: kong\.yaml:\d+:\d+ .*rate-limiting/)
  })

  test('reads stdin, and --json prints one document', async () => {
    const { host } = await start(['-', '--json', '--admin', '0'], { stdin: await document() })
    expect(JSON.parse(host.out())).toMatchObject({
      schema: 'oidcgw/gateway/v1',
      url: expect.stringMatching(/^http/) as string,
      admin: expect.stringMatching(/^http/) as string,
    })
    expect(host.err()).toBe('')
  })

  test('--admin serves the hash, and takes documents', async () => {
    const cwd = await folder({ 'kong.yaml': await document() })
    const { host, url } = await start(['kong.yaml', '--admin', '0'], { cwd })
    const admin = /Admin API at (\S+)/.exec(host.err())?.[1] as string
    const status = (await (await fetch(`${admin}/status`)).json()) as { configuration_hash: string }
    expect(host.err()).toContain(status.configuration_hash)
    expect((await fetch(`${admin}/config`, { method: 'POST', body: await document('/b') })).status).toBe(201)
    expect((await fetch(`${url}/b/get`)).status).toBe(200)
  })

  test('--access-log writes a line for each request, --trace the steps; neither shows a token', async () => {
    const cwd = await folder({ 'kong.yaml': await document() })
    const { url, host, stop } = await start(['kong.yaml', '--access-log', '--trace', 'trace.jsonl'], { cwd })
    const headers = { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl' }
    await fetch(`${url}/a/get?access_token=canary-in-query`, { headers })
    await expect.poll(() => host.out().split('\n').length).toBeGreaterThan(2)
    const line = JSON.parse(host.out().split('\n')[1] as string) as object
    expect(line).toMatchObject({
      schema: 'oidcgw/access/v1',
      method: 'GET',
      path: '/a/get?access_token=[masked]',
      status: 200,
      route: 'r',
      upstream_status: 200,
    })
    await stop()
    const traced = await readFile(join(cwd, 'trace.jsonl'), 'utf8')
    expect(JSON.parse(traced)).toMatchObject({ schema: 'oidcgw/trace/v1', steps: [{ kind: 'call', to: 'upstream' }] })
    for (const text of [traced, host.out(), host.err()]) expect(text).not.toMatch(/canary|eyJzdWIi/)
  })

  test('--watch publishes a replaced file; a bad one leaves the old one serving and is said', async () => {
    const cwd = await folder({ 'kong.yaml': await document('/a') })
    const { url, host } = await start(['kong.yaml', '--watch'], { cwd })
    const replace = async (text: string) => {
      await writeFile(join(cwd, 'next'), text)
      await rename(join(cwd, 'next'), join(cwd, 'kong.yaml'))
    }
    await replace(await document('/b'))
    await expect.poll(() => host.err()).toMatch(/published [0-9a-f]{32}/)
    expect((await fetch(`${url}/b/get`)).status).toBe(200)
    await replace('_format_version: "3.0"\nservices: [{ nam: x }]\n')
    await expect.poll(() => host.err()).toContain('the old document keeps serving')
    expect(host.err()).toMatch(/error: kong\.yaml:2:\d+/)
    expect((await fetch(`${url}/b/get`)).status).toBe(200)
  })

  test('a document with errors is refused with positions, exit 2', async () => {
    const cwd = await folder({ 'kong.yaml': '_format_version: "3.0"\nservices:\n  - nam: x\n' })
    const { exitCode, stdout, stderr } = await cli(['gateway', 'run', 'kong.yaml', '--port', '0'], { cwd })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(/^oidcgw: kong\.yaml:3:\d+ /m)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test.for([
    { argv: ['missing.yaml'], says: /missing\.yaml: there is no such file/ },
    { argv: [], says: /missing required argument 'files'/ },
    { argv: ['kong.yaml', '--port', 'x'], says: /--port.*A port is a number/ },
    { argv: ['kong.yaml', '--port', '0', '--admin', 'nonsense'], says: /--admin: "nonsense"/ },
    { argv: ['kong.yaml', '--port', '0', '--ca-file', 'none.pem'], says: /none\.pem cannot be read \(ENOENT\)/ },
    { argv: ['kong.yaml', '--port', '0', '--trace', 'no/folder/x'], says: /cannot be written \(ENOENT\)/ },
  ])('gateway run $argv is one clear line, exit 2', async ({ argv, says }) => {
    const cwd = await folder({ 'kong.yaml': await document() })
    const { exitCode, stdout, stderr } = await cli(['gateway', 'run', ...argv], { cwd })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test('a busy port is said, exit 2', async () => {
    const cwd = await folder({ 'kong.yaml': await document() })
    const { url } = await start(['kong.yaml'], { cwd })
    const { exitCode, stderr } = await cli(['gateway', 'run', 'kong.yaml', '--port', new URL(url).port], { cwd })
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/^oidcgw: port \d+ on 127\.0\.0\.1 is in use\n {2}hint: /)
  })
})
