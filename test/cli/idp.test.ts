import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectControl } from '../../src/idp/connect-control.js'
import { cli, createMemoryHost, runOn, type MemoryHost, type MemoryHostOptions } from '../support/memory-host.js'

/** Fixed, because making an RSA key costs more than starting a provider. */
const KEYS = fileURLToPath(new URL('../idp/signing-keys.json', import.meta.url))

/** Runs `oidcgw idp …` until the returned function is called; that is Ctrl-C. */
async function running(
  argv: readonly string[],
  options: MemoryHostOptions = {},
): Promise<{ host: MemoryHost; stop: () => Promise<number> }> {
  const controller = new AbortController()
  const host = createMemoryHost({ ...options, signal: controller.signal })
  const done: Promise<number> = runOn(host, ['idp', '--port', '0', '--jwks', KEYS, ...argv])
  onTestFinished(async () => {
    controller.abort()
    await done
  })
  while (!host.err().includes('Ctrl-C')) {
    const ended = await Promise.race([done, new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))])
    if (ended !== undefined) throw new Error(`ended with ${ended}: ${host.err()}`)
  }
  return {
    host,
    stop: () => {
      controller.abort()
      return done
    },
  }
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'oidcgw-idp-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

const requestToken = (issuer: string, id: string, secret: string) =>
  fetch(`${issuer}/v1/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })

describe('oidcgw idp', () => {
  test('prints issuer, applications, accounts and control address; Ctrl-C ends it with 0 and frees the port', async () => {
    const { host, stop } = await running([])
    const issuer = /issuer\s+(\S+)/.exec(host.out())?.[1] ?? ''
    expect(host.out()).toMatch(/control\s+\S+\/_control\n/)
    expect(host.out()).toContain('  alice  groups: everyone, admins\n  bob    groups: everyone\n')
    expect(host.err()).toContain('--show-secrets')
    expect((await fetch(`${issuer}/.well-known/openid-configuration`)).status).toBe(200)
    expect(await stop()).toBe(0)
    await expect(fetch(issuer)).rejects.toThrow()
  })

  test('takes id, secret and redirect URIs from the environment, and shows no secret unless told to', async () => {
    const env = {
      OIDCGW_IDP_CLIENT_ID: 'kong',
      OIDCGW_IDP_CLIENT_SECRET: 'canary-secret-1',
      OIDCGW_IDP_REDIRECT_URIS: 'http://127.0.0.1:8000/a http://127.0.0.1:8000/b',
    }
    const { host, stop } = await running(['--json'], { env })
    const document = JSON.parse(host.out()) as { schema: string; issuer: string; applications: { name: string }[] }
    expect(document).toMatchObject({ schema: 'oidcgw/idp/v1' })
    expect(document.applications.find(({ name }) => name === 'web')).toMatchObject({
      client_id: 'kong',
      redirect_uris: ['http://127.0.0.1:8000/a', 'http://127.0.0.1:8000/b'],
    })
    expect(host.out() + host.err()).not.toMatch(/canary-secret-1|alice-password/)
    expect((await requestToken(document.issuer, 'kong', 'canary-secret-1')).status).toBe(200)
    expect((await requestToken(document.issuer, 'kong', 'another')).status).toBe(401)
    await stop()

    const shown = await running(['--json', '--show-secrets'], { env })
    expect(shown.host.out()).toContain('canary-secret-1')
    await shown.stop()
  })

  test('--write-env leaves a file only its owner can read, with what another process needs', async () => {
    const path = join(await folder(), 'idp.env')
    const { host, stop } = await running(['--write-env', path])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const env = Object.fromEntries(
      (await readFile(path, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s)),
    ) as Record<string, string>
    const controlOf = (controlSecret: string) =>
      connectControl({ controlUrl: env['OIDCGW_IDP_CONTROL_URL'] ?? '', controlSecret }, host.request)
    const token = () =>
      requestToken(env['OIDCGW_ISSUER'] ?? '', env['OIDCGW_IDP_M2M_CLIENT_ID'] ?? '', env['OIDCGW_IDP_M2M_CLIENT_SECRET'] ?? '')
    expect(env).toMatchObject({ OIDCGW_IDP_ALICE_PASSWORD: 'alice-password', DECK_ISSUER: env['OIDCGW_ISSUER'] })
    const control = controlOf(env['OIDCGW_IDP_CONTROL_SECRET'] ?? '')
    expect((await token()).status).toBe(200)
    await control.deactivate('m2m')
    expect((await token()).status).toBe(401)
    await control.activate('m2m')
    expect((await token()).status).toBe(200)
    expect(await control.counters()).toMatchObject({ token: 3 })
    await expect(controlOf('wrong').deactivate('m2m')).rejects.toMatchObject({ code: 'ERR_PROVIDER_RESPONSE' })
    expect((await token()).status).toBe(200)
    await stop()
  })

  test('says on stderr why a request was refused', async () => {
    const { host, stop } = await running([])
    const issuer = /issuer\s+(\S+)/.exec(host.out())?.[1] ?? ''
    await requestToken(issuer, 'nobody', 'x')
    expect(host.err()).toContain('grant.error invalid_client: client not found')
    await stop()
  })
})

describe('bad input', () => {
  test('a busy port: one line, a hint, exit 2', async () => {
    const server = createServer()
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { exitCode, stdout, stderr } = await cli(['idp', '--port', String(port)])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toBe(`oidcgw: port ${port} on 127.0.0.1 is taken\n  hint: Name another one with --port, or 0 for any free one\n`)
  })

  test.for([
    { name: 'no port', argv: ['--port', 'x'], says: 'A port is a number' },
    { name: 'half of TLS', argv: ['--tls-cert', 'x.pem'], says: '--tls-cert and --tls-key go together' },
    { name: 'a missing file', argv: ['--jwks', 'missing.json'], says: 'missing.json cannot be read (ENOENT)' },
    { name: 'keys that are none', argv: ['--jwks', 'empty.json'], says: 'empty.json is no set of private keys' },
    { name: 'a relative redirect URI', argv: ['--redirect-uri', '/callback'], says: 'the redirect URI /callback is no absolute URL' },
    {
      name: 'an unwritable file',
      argv: ['--port', '0', '--write-env', 'no/such/folder'],
      says: 'no/such/folder cannot be written (ENOENT)',
    },
  ])('$name → exit 2', async ({ argv, says }) => {
    const cwd = await folder()
    await writeFile(join(cwd, 'empty.json'), '{"keys":[]}')
    const { exitCode, stdout, stderr } = await cli(['idp', ...argv], { cwd })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain(says)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})
