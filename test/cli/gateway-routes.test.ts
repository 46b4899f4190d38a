import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gatewayRoutes } from '../../src/cli/commands/gateway-routes.js'
import { DocumentError } from '../../src/errors.js'
import { PLAIN } from '../../src/render/palette.js'
import { cli, createMemoryHost } from '../support/memory-host.js'

async function routes(text: string, options: Parameters<typeof gatewayRoutes>[1] = {}, isTTY = false) {
  const cwd = await mkdtemp(join(tmpdir(), 'oidcgw-routes-'))
  onTestFinished(() => rm(cwd, { recursive: true }))
  await writeFile(join(cwd, 'kong.yaml'), text)
  const host = createMemoryHost({ cwd, isTTY, env: { CLIENT_SECRET: 'from-the-vault' } })
  const exitCode = await gatewayRoutes([['kong.yaml']], options, { host, out: PLAIN, err: PLAIN })
  return { exitCode, stdout: host.out() }
}

const TEXT = `_format_version: "3.0"
services:
  - name: echo
    url: http://127.0.0.1:9080/base
    routes:
      - name: open
        paths: [/open]
      - name: api
        paths: [/api]
        methods: [GET]
        plugins:
          - name: openid-connect
            config: { issuer: https://idp.example, auth_methods: [bearer], scopes_required: ["a b", c], client_secret: ["{vault://env/client-secret}"] }
          - { name: acl, config: { allow: [admins] } }
      - name: web
        paths: [/web]
        plugins:
          - name: openid-connect
            config: { issuer: https://idp.example, auth_methods: [authorization_code, session], client_id: [web] }
      - name: keyed
        hosts: [keyed.example]
        plugins: [{ name: key-auth, config: { key_names: [k], api_key: open-secret } }]
`

describe('gateway routes', () => {
  test('prints aligned text on a pipe: what matches, what runs, what three clients would get', async () => {
    const { exitCode, stdout } = await routes(TEXT)
    expect(exitCode).toBe(0)
    const cells = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
    expect(cells).toEqual([
      ['route', 'matches', 'upstream', 'plugins', 'anonymous', 'bearer', 'browser'],
      ['open', '/open', 'http://127.0.0.1:9080/base', '-', '200 upstream', '200 upstream', '200 upstream'],
      [
        'api',
        'GET /api',
        'http://127.0.0.1:9080/base',
        'openid-connect (bearer), acl',
        '401 refused',
        '200 upstream: bearer; scope a and b, or c; acl group admins',
        '401 refused',
      ],
      ['web', '/web', 'http://127.0.0.1:9080/base', 'openid-connect (authorization_code session)', '302 login', '302 login', '302 login'],
      [
        'keyed',
        'keyed.example',
        'http://127.0.0.1:9080/base',
        'key-auth',
        '? key-auth decides',
        '? key-auth decides',
        '? key-auth decides',
      ],
    ])
  })

  test('draws a table on a terminal', async () => {
    expect((await routes(TEXT, {}, true)).stdout).toMatch(/^┌─+┬/)
    expect((await routes(TEXT, { output: 'raw' }, true)).stdout).toMatch(/^route /)
  })

  test('--json holds the effective configuration, secrets masked', async () => {
    const { stdout } = await routes(TEXT, { json: true })
    expect(stdout).not.toMatch(/from-the-vault|open-secret/)
    const { schema, routes: described } = JSON.parse(stdout) as { schema: string; routes: { name: string }[] }
    expect(schema).toBe('oidcgw/gateway-routes/v1')
    expect(described[1]).toMatchObject({
      name: 'api',
      match: { methods: ['GET'], paths: ['/api'], hosts: null },
      plugins: [
        {
          name: 'openid-connect',
          scope: 'route',
          source: { file: 'kong.yaml', line: 12 },
          config: { client_secret: ['[masked]'], leeway: 0 },
        },
        { name: 'acl' },
      ],
      clients: { anonymous: { status: 401 }, bearer: { status: 200 }, browser: { status: 401 } },
    })
  })

  test('the command line names each error, and answers 2', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'oidcgw-routes-'))
    onTestFinished(() => rm(cwd, { recursive: true }))
    await writeFile(join(cwd, 'kong.yaml'), TEXT.replace('[bearer]', '[beerer]'))
    const { exitCode, stdout, stderr } = await cli(['gateway', 'routes', 'kong.yaml'], { cwd })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(
      /^oidcgw: kong\.yaml:13:67 {2}services\[0\]\.routes\[1\]\.plugins\[0\]\.config\.auth_methods\[0\]: "beerer" is not one of/,
    )
    await writeFile(join(cwd, 'kong.yaml'), TEXT)
    expect(await cli(['gateway', 'routes', 'kong.yaml'], { cwd, env: { CLIENT_SECRET: 'x' } })).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('a document with errors is refused with all of them', async () => {
    await expect(routes(TEXT.replace('[bearer]', '[beerer]'))).rejects.toBeInstanceOf(DocumentError)
  })
})
