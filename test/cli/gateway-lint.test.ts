import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gatewayLint } from '../../src/cli/commands/gateway-lint.js'
import { PLAIN } from '../../src/render/palette.js'
import { cli, createMemoryHost } from '../support/memory-host.js'

async function lint(
  texts: Readonly<Record<string, string>>,
  options: Parameters<typeof gatewayLint>[1] = {},
  env: Record<string, string> = {},
) {
  const cwd = await mkdtemp(join(tmpdir(), 'oidcgw-lint-'))
  onTestFinished(() => rm(cwd, { recursive: true }))
  for (const [name, text] of Object.entries(texts)) await writeFile(join(cwd, name), text)
  const host = createMemoryHost({ cwd, env })
  const exitCode = await gatewayLint([Object.keys(texts)], options, { host, out: PLAIN, err: PLAIN })
  return { exitCode, stdout: host.out(), stderr: host.err() }
}

const CLEAN = `_format_version: "3.0"
services:
  - name: echo
    url: http://127.0.0.1:9080
    routes:
      - name: orders
        paths: ["/orders/"]
        plugins:
          - name: openid-connect
            config:
              issuer: https://idp.example
              auth_methods: [bearer]
              bearer_token_param_type: [header]
              audience_required: [orders]
`
const UNWISE = CLEAN.replace('/orders/', '/orders').concat('              ssl_verify: false\n')
const WRONG = CLEAN.concat('              bearer_only: true\n')

describe('oidcgw gateway lint', () => {
  test('takes its flags from the command line', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'oidcgw-lint-'))
    onTestFinished(() => rm(cwd, { recursive: true }))
    await writeFile(join(cwd, 'kong.yaml'), UNWISE)
    const run = (...flags: readonly string[]) => cli(['gateway', 'lint', 'kong.yaml', ...flags], { cwd })
    expect(await run()).toMatchObject({ exitCode: 1, stderr: '' })
    expect(await run('--ignore', 'tls-not-verified,prefix-matches-more', '-q')).toEqual({
      exitCode: 0,
      stdout: 'kong.yaml: nothing found\n',
      stderr: '',
    })
    expect((await run('-o', 'sarif')).stdout).toContain('"version": "2.1.0"')
    expect((await run('-o', 'jsonl')).stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(await run('--kong-version', '2.8')).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining('is not between 3.4 and 3.15'),
    })
    expect(await cli(['gateway', 'lint', '-'], { cwd, stdin: CLEAN })).toMatchObject({ exitCode: 0, stdout: '(stdin): nothing found\n' })
    expect(await cli(['gateway', 'lint', 'nowhere.yaml'], { cwd })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('there is no such file'),
    })
  })
})

describe('gateway lint', () => {
  test('says nothing found and answers 0', async () => {
    expect(await lint({ 'kong.yaml': CLEAN })).toEqual({ exitCode: 0, stdout: 'kong.yaml: nothing found\n', stderr: '' })
  })

  test('prints where, how grave, which rule, what and what to do; answers 1', async () => {
    const { exitCode, stdout } = await lint({ 'kong.yaml': UNWISE })
    expect(exitCode).toBe(1)
    expect(stdout).toBe(
      `kong.yaml:7:17  info prefix-matches-more  services[0].routes[0].paths[0]: /orders is a prefix of characters, not of segments: it also matches /orderss (end it with /, or write ~/path(?:/|$))
kong.yaml:15:27  warning tls-not-verified  services[0].routes[0].plugins[0].config.ssl_verify: whoever sits in between can pose as the other side: the certificate is not verified (trust the CA instead and leave it out)
kong.yaml: 1 warning, 1 note
`,
    )
  })

  test('a document that decK would refuse is a no as well, with its line', async () => {
    const { exitCode, stdout } = await lint({ 'kong.yaml': WRONG })
    expect(exitCode).toBe(1)
    expect(stdout).toContain(
      'kong.yaml:15:15  error unknown-field  services[0].routes[0].plugins[0].config.bearer_only: unknown field (write auth_methods: [bearer])',
    )
  })

  test.for([
    { name: 'YAML that cannot be read', text: 'a: [', id: 'yaml-syntax' },
    { name: 'a variable that is not set', text: '_format_version: "3.0"\n_comment: ${{ env "DECK_NOT_SET" }}\n', id: 'env-not-set' },
  ])('$name answers 2: it cannot tell', async ({ text, id }) => {
    const { exitCode, stdout } = await lint({ 'kong.yaml': text })
    expect(exitCode).toBe(2)
    expect(stdout).toContain(id)
  })

  test('a file that is not there is asked wrongly', async () => {
    const host = createMemoryHost()
    await expect(gatewayLint([['nowhere.yaml']], {}, { host, out: PLAIN, err: PLAIN })).rejects.toMatchObject({
      code: 'ERR_CONFIG_NOT_FOUND',
    })
  })

  test('--fail-on and --ignore move the line, but an error is never ignored', async () => {
    expect((await lint({ 'kong.yaml': UNWISE }, { failOn: 'error' })).exitCode).toBe(0)
    expect((await lint({ 'kong.yaml': UNWISE }, { ignore: ['tls-not-verified'] })).exitCode).toBe(0)
    expect((await lint({ 'kong.yaml': UNWISE }, { ignore: ['tls-not-verified'], failOn: 'info' })).exitCode).toBe(1)
    expect((await lint({ 'kong.yaml': WRONG }, { ignore: ['unknown-field'] })).exitCode).toBe(1)
  })

  test('--kong-version takes the defaults of that version', async () => {
    expect((await lint({ 'kong.yaml': CLEAN }, { kongVersion: '3.9.1' })).stdout).toContain(
      'hide_credentials is false in 3.9 and true from 3.14 on',
    )
    await expect(lint({ 'kong.yaml': CLEAN }, { kongVersion: '2.8' })).rejects.toMatchObject({ code: 'ERR_USAGE' })
    await expect(lint({ 'kong.yaml': CLEAN }, { kongVersion: '4.0' })).rejects.toMatchObject({ code: 'ERR_USAGE' })
  })

  test('--json is one document with the hash that gateway run would serve', async () => {
    const { stdout } = await lint({ 'a.yaml': CLEAN, 'b.yaml': 'consumers: [{ username: alice }]\n' }, { json: true })
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'oidcgw/gateway-lint/v1',
      files: ['a.yaml', 'b.yaml'],
      hash: expect.stringMatching(/^[0-9a-f]{32}$/),
      issues: [],
    })
    expect(JSON.parse((await lint({ 'kong.yaml': WRONG }, { json: true })).stdout)).toMatchObject({
      hash: null,
      issues: [{ id: 'unknown-field', severity: 'error', file: 'kong.yaml', line: 15, column: 15 }],
    })
  })

  test('GitHub gets one annotation a finding, escaped', async () => {
    const { stdout } = await lint({ 'kong,1.yaml': WRONG }, { output: 'github' })
    expect(stdout).toBe(
      '::error file=kong%2C1.yaml,line=15,col=15,title=unknown-field::services[0].routes[0].plugins[0].config.bearer_only: unknown field (write auth_methods: [bearer])\n',
    )
  })

  test('SARIF names tool, rules and places', async () => {
    const { stdout } = await lint({ 'kong file.yaml': UNWISE }, { output: 'sarif' })
    expect(JSON.parse(stdout)).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'oidcgw',
              rules: [{ id: 'prefix-matches-more' }, { id: 'tls-not-verified', defaultConfiguration: { level: 'warning' } }],
            },
          },
          results: [
            { ruleId: 'prefix-matches-more', ruleIndex: 0, level: 'note' },
            {
              ruleId: 'tls-not-verified',
              ruleIndex: 1,
              level: 'warning',
              locations: [
                { physicalLocation: { artifactLocation: { uri: 'kong%20file.yaml' }, region: { startLine: 15, startColumn: 27 } } },
              ],
            },
          ],
        },
      ],
    })
  })

  test('a secret from the environment never shows', async () => {
    const text = CLEAN.replace('[bearer]', '["${{ env "DECK_SECRET" }}"]').replace('[orders]', '{ a: "${{ env "DECK_SECRET" }}" }')
    for (const output of ['text', 'json', 'github', 'sarif'] as const) {
      const { stdout, exitCode } = await lint({ 'kong.yaml': text }, { output }, { DECK_SECRET: 'battery-staple' })
      expect(exitCode).toBe(1)
      expect(stdout).not.toContain('battery-staple')
    }
  })
})
