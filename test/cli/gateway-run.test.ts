import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startEcho } from '../../src/lab/echo.js'
import { startScriptedProvider } from '../support/scripted-provider.js'
import { createMemoryHost, cli, runOn, type MemoryHostOptions } from '../support/memory-host.js'

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
  const done = runOn(host, ['gateway', 'run', '--port', '0', ...argv], options.stdin)
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

  test('says at every start which protections are off and which fields do nothing, of files and of posted documents (G-154, G-180)', async () => {
    const oidc = (config: string) =>
      `plugins:\n  - name: openid-connect\n    config: { issuer: "http://127.0.0.1:1", auth_methods: [bearer]${config} }\n`
    const off = oidc(', ssl_verify: false, verify_claims: false, keepalive: false')
    const cwd = await folder({ 'off.yaml': await document('/a', off), 'on.yaml': await document('/a', oidc('')) })
    const dangers = [
      /warning: .*the certificate is not verified/,
      /warning: .*exp, nbf, iss .* are not checked/,
      /note: .*keepalive: accepted, but not imitated/,
    ]
    const { host } = await start(['off.yaml'], { cwd })
    for (const danger of dangers) expect(host.err()).toMatch(danger)
    expect(host.err()).toMatch(/warning: off\.yaml:11:\d+ {2}plugins\[0\]\.config\.ssl_verify/)

    const posted = await start(['on.yaml', '--admin', '0'], { cwd })
    for (const danger of dangers) expect(posted.host.err()).not.toMatch(danger)
    const admin = /Admin API at (\S+)/.exec(posted.host.err())?.[1] as string
    await fetch(`${admin}/config`, { method: 'POST', body: await readFile(join(cwd, 'off.yaml')) })
    for (const danger of dangers) expect(posted.host.err()).toMatch(danger)
    expect(posted.host.err()).toMatch(/warning: POST \/config:11:\d+ /)
    expect(posted.host.err()).toMatch(/\npublished [0-9a-f]{32}\n/)
  })

  test('an issuer that leads nowhere is told at the start; as soon as it leads somewhere its routes open, without a restart', async () => {
    const provider = await startScriptedProvider()
    onTestFinished(() => provider.close())
    provider.script('/.well-known/openid-configuration', { status: 404 })
    const oidc = `plugins:\n  - { name: openid-connect, config: { issuer: "${provider.issuer}", auth_methods: [bearer] } }\n`
    const cwd = await folder({ 'kong.yaml': await document('/a', oidc) })
    const { host, url } = await start(['kong.yaml'], { cwd })
    await expect
      .poll(() => host.err())
      .toContain(`warning: routes of the issuer ${provider.issuer} answer 401 until it can be discovered\n`)
    expect(host.err()).toMatch(/error: \[openid-connect\] loading configuration for \S+ failed: \S+ answered 404\n/)
    const ask = async () => (await fetch(`${url}/a/get`, { headers: { authorization: `Bearer ${provider.token()}` } })).status
    provider.reset()
    expect(await ask()).toBe(200)
    expect(provider.count('/.well-known/openid-configuration')).toBe(2)

    const well = await start(['kong.yaml'], { cwd })
    await expect.poll(() => provider.count('/jwks')).toBe(2)
    expect(well.host.err()).not.toContain('warning')
  })

  test('a test waits for what it published: lint tells the hash, probe --wait-config waits until it serves', async () => {
    const next = await document('/b')
    const cwd = await folder({ 'kong.yaml': await document('/a'), 'next.yaml': next })
    const { url, host } = await start(['kong.yaml', '--admin', '0'], { cwd })
    const admin = /Admin API at (\S+)/.exec(host.err())?.[1] as string
    const { hash } = JSON.parse((await cli(['gateway', 'lint', 'next.yaml', '--json'], { cwd })).stdout) as { hash: string }
    const probe = ['probe', `${url}/b/get`, '--expect', '200', '--admin', admin, '--wait-config', hash, '--timeout']
    expect(await cli([...probe, '200ms'], { cwd })).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining(`configuration_hash: expected ${hash}, got `) as string,
    })
    const waiting = cli([...probe, '10s'], { cwd })
    await fetch(`${admin}/config`, { method: 'POST', body: next })
    expect(await waiting).toMatchObject({ exitCode: 0 })
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
