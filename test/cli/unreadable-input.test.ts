import { createPrivateKey } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createProcessStdin } from '../../src/cli/process-stdin.js'
import { run } from '../../src/cli/run.js'
import { cli, createMemoryHost } from '../support/memory-host.js'

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
const PROJECT = `profiles: { p: { issuer: "http://127.0.0.1:9", client: { id: x, secret: "env:SECRET" } } }
default_profile: p
gateways: { g: { url: "http://127.0.0.1:9" } }
suites: { s: { cases: [{ get: /a, as: none, expect: 401 }] } }
`

/** A folder in place of a file, a path below a file, an empty file and one of bytes that are no text. */
const cwd = mkdtempSync(join(tmpdir(), 'oidcgw-unreadable-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
for (const name of ['dir', 'dir.yaml']) mkdirSync(join(cwd, name))
for (const name of ['empty', 'empty.yaml']) writeFileSync(join(cwd, name), '')
for (const name of ['bytes', 'bytes.yaml']) writeFileSync(join(cwd, name), Buffer.from([0, 1, 2, 0xff, 0xfe, 0x80, 10, 0, 27, 91, 65]))
writeFileSync(join(cwd, 'oidcgw.yaml'), PROJECT)
writeFileSync(join(cwd, 'kong.yaml'), '_format_version: "3.0"\n')

async function refusal(line: string) {
  const argv = line.replace('TOKEN', TOKEN).split(' ')
  // What starts in spite of its input is stopped, and is not exit 2 then.
  const signal = AbortSignal.timeout(10_000)
  return cli(argv, { cwd, signal, env: { SECRET: 'a-secret-of-thirty-two-characters', OIDCGW_STORE: join(cwd, 'store'), CI: '1' } })
}

/** One complaint and at most one hint, on stderr alone. */
const ONE_LINE = /^oidcgw: [^\n]+\n(?: {2}hint: [^\n]+\n)?$/

describe('what cannot be read or written is one clear line, exit 2', () => {
  const READ = [
    'decode @PATH',
    'decode TOKEN --key PATH',
    'decode PATH --output jsonl',
    'verify @PATH --secret env:SECRET',
    'verify PATH --secret env:SECRET --output jsonl',
    'verify TOKEN --jwks PATH',
    'verify TOKEN --pem PATH',
    'verify TOKEN --key PATH',
    'verify TOKEN --secret file:PATH',
    'verify TOKEN --secret env:SECRET --profile-type jws --content PATH',
    'verify TOKEN --secret env:SECRET --profile-type id --access-token PATH',
    'verify TOKEN --issuer http://127.0.0.1:9 --ca-file PATH',
    'diff TOKEN @PATH',
    'mint --key PATH',
    'mint --secret env:SECRET --from @PATH',
    'keys public PATH',
    'keys jwks PATH',
    'keys lint PATH',
    'keys thumbprint PATH',
    'login p -c PATH',
    'login p --ca-file PATH',
    'login p --cert PATH',
    'login p --key PATH',
    'introspect @PATH',
    'revoke @PATH',
    'probe http://127.0.0.1:9/ -c PATH',
    'probe http://127.0.0.1:9/ -d @PATH',
    'probe http://127.0.0.1:9/ --ca-file PATH',
    'probe s --baseline PATH',
    'probe PATH.yaml',
    'gateway run PATH',
    'gateway lint PATH',
    'gateway routes PATH',
    'gateway run kong.yaml --port 0 --ca-file PATH',
    'gateway run kong.yaml --port 0 --tls-port 0 --tls-cert PATH --tls-key PATH',
    'idp --port 0 --jwks PATH',
    'idp --port 0 --tls-cert PATH --tls-key PATH',
    'lab --kong PATH',
  ]
  const WRITTEN = [
    'init --demo --force -c PATH',
    'lab --write PATH',
    'idp --port 0 --write-env PATH',
    'gateway run kong.yaml --port 0 --trace PATH',
    'probe s --report jsonl:PATH',
  ]
  const UNREADABLE = [
    { what: 'a folder', path: 'dir', code: 'EISDIR' },
    { what: 'a path below a file', path: 'kong.yaml/below', code: 'ENOTDIR' },
  ]
  const rows = (lines: readonly string[]) =>
    UNREADABLE.flatMap((bad) => lines.map((line) => ({ ...bad, line: line.replaceAll('PATH', bad.path) })))

  test.for(rows(READ))('$what: $line', async ({ line, code }) => {
    const { exitCode, stdout, stderr } = await refusal(line)
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toMatch(new RegExp(`(?:dir|below)(?:\\.yaml)? cannot be read \\(${code}\\)\\n {2}hint: `))
  })

  test.for(rows(WRITTEN))('$what: $line', async ({ line, code }) => {
    const { exitCode, stdout, stderr } = await refusal(line)
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toMatch(ONE_LINE)
    expect(stderr).toMatch(new RegExp(`cannot be written \\((?:${code}|ENOENT)\\)\\n {2}hint: `))
  })

  test('a bare path of a folder is not taken for a token', async () => {
    expect(await refusal('decode dir')).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'oidcgw: dir cannot be read (EISDIR)\n  hint: Check the path\n',
    })
    expect(await refusal('decode nothing-there')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('not a JWT') as string })
  })

  test('a folder is no suite', async () => {
    const hint = 'Name a URL, a /path or a suite file (.yaml, .yml, .json)'
    writeFileSync(join(cwd, 'plain.yaml'), 'gateways: { g: { url: "http://127.0.0.1:9" } }\n')
    expect(await refusal('probe ./dir -c plain.yaml')).toMatchObject({
      exitCode: 2,
      stderr: `oidcgw: no suite named "./dir"\n  hint: ${hint}\n`,
    })
  })
})

describe('a file that holds nothing of use says what was expected, exit 2', () => {
  test.for([
    { line: 'decode @FILE', says: /: (there is nothing to read|not a JWT: [^\n]+)\n/ },
    { line: 'verify @FILE --secret env:SECRET', says: /: (there is nothing to read|not a JWT: [^\n]+)\n/ },
    { line: 'decode TOKEN --key FILE', says: /: FILE holds no private key\n/ },
    { line: 'verify TOKEN --jwks FILE', says: /: FILE holds no JWK Set\n/ },
    { line: 'verify TOKEN --pem FILE', says: /: FILE holds neither PEM nor a JWK\n/ },
    { line: 'verify TOKEN --issuer http://127.0.0.1:9 --ca-file FILE', says: /: --ca-file: FILE holds no certificate\n/ },
    { line: 'login p --ca-file FILE', says: /: --ca-file: FILE holds no certificate\n/ },
    { line: 'login p --cert FILE', says: /: --cert: FILE holds no certificate\n/ },
    { line: 'login p --key FILE', says: /: --key: FILE holds no private key\n/ },
    { line: 'probe http://127.0.0.1:9/ --ca-file FILE', says: /: --ca-file: FILE holds no certificate\n/ },
    { line: 'introspect @FILE', says: /: (there is no token|this is no token: it has white space inside)\n/ },
    { line: 'keys public FILE', says: /: FILE holds no key\n/ },
    { line: 'keys lint FILE', says: /: FILE holds no JSON object\n/ },
    { line: 'probe s --baseline FILE', says: /: FILE:1:1 {2}Invalid input: expected object/ },
    { line: 'probe FILE.yaml', says: /: FILE\.yaml:1:1 {2}Invalid input: expected object/ },
    { line: 'gateway run FILE', says: /: FILE:1:1 {2}expected a mapping with _format_version at its top\n/ },
    { line: 'gateway run kong.yaml --port 0 --ca-file FILE', says: /: --ca-file: FILE holds no certificate\n/ },
    {
      line: 'gateway run kong.yaml --port 0 --tls-port 0 --tls-cert FILE --tls-key FILE',
      says: /: --tls-cert: FILE holds no certificate\n/,
    },
    { line: 'idp --port 0 --jwks FILE', says: /: FILE is no set of private keys\n/ },
    { line: 'idp --port 0 --tls-cert FILE --tls-key FILE', says: /: --tls-cert: FILE holds no certificate\n/ },
    { line: 'lab --kong FILE', says: /: lab\.yaml:1:1 {2}expected a mapping with _format_version at its top\n/ },
  ])('$line', async ({ line, says }) => {
    for (const file of ['empty', 'bytes']) {
      const { exitCode, stdout, stderr } = await refusal(line.replaceAll('FILE', file))
      expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 2, stdout: '' })
      expect(stderr).toMatch(ONE_LINE)
      expect(stderr).toMatch(new RegExp(says.source.replaceAll('FILE', file)))
    }
  })

  test('lines to verify of which there is none: nothing verified is never green', async () => {
    const stderr = 'oidcgw: there is nothing to read\n  hint: Each line holds one token\n'
    expect(await refusal('verify --secret env:SECRET --output jsonl empty')).toEqual({ exitCode: 2, stdout: '', stderr })
    expect(await refusal('verify --secret env:SECRET --output jsonl')).toEqual({ exitCode: 2, stdout: '', stderr })
  })

  test('a certificate that is not of its key', async () => {
    const file = (name: string) => join(import.meta.dirname, '../../fixtures/gateway/tls', name)
    for (const command of ['idp --port 0', 'gateway run kong.yaml --port 0 --tls-port 0']) {
      const { exitCode, stdout, stderr } = await refusal(`${command} --tls-cert ${file('one.crt')} --tls-key ${file('two.key')}`)
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
      expect(stderr).toBe('oidcgw: the TLS certificate cannot be used with its key\n  hint: Both are PEM, and belong together\n')
    }
  })
})

describe('stdin that is a folder', () => {
  const stdin = () => {
    const descriptor = openSync(cwd, 'r')
    onTestFinished(() => closeSync(descriptor))
    return createProcessStdin(descriptor)
  }

  test.for([
    'decode',
    'decode -',
    'decode --output jsonl',
    'verify --secret env:SECRET',
    'keys public',
    'keys jwks',
    'introspect -',
    'gateway run -',
    'gateway lint -',
    'probe http://127.0.0.1:9/ -d -',
  ])('%s', async (line) => {
    const host = createMemoryHost({ cwd, env: { SECRET: 'a-secret-of-thirty-two-characters', CI: '1' } })
    expect(await run(line.split(' '), { ...host, stdin: stdin() })).toBe(2)
    expect(host.out()).toBe('')
    expect(host.err()).toBe('oidcgw: stdin cannot be read (EISDIR)\n  hint: It is a folder: redirect a file\n')
  })

  test('a file is read as ever', async () => {
    writeFileSync(join(cwd, 'token'), TOKEN)
    const descriptor = openSync(join(cwd, 'token'), 'r')
    onTestFinished(() => closeSync(descriptor))
    const host = createMemoryHost({ cwd })
    expect(await run(['decode', '--json'], { ...host, stdin: createProcessStdin(descriptor) })).toBe(0)
    expect(JSON.parse(host.out())).toMatchObject({ payload: { sub: 'alice' } })
  })
})

test.for([
  { name: 'of another certificate', key: 'two.key', says: '--key is not the key of --cert' },
  { name: 'that is encrypted', key: 'encrypted.key', says: '--cert or --key cannot be read' },
])('a client key $name is refused before anybody is asked', async ({ key, says }) => {
  const tls = fileURLToPath(new URL('../../fixtures/gateway/tls/', import.meta.url))
  const pem = createPrivateKey(readFileSync(join(tls, 'one.key'))).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  })
  writeFileSync(join(cwd, 'encrypted.key'), pem)
  const file = key === 'encrypted.key' ? join(cwd, key) : join(tls, key)
  const answer = await refusal(`login p --cert ${tls}one.crt --key ${file}`)
  expect(answer).toMatchObject({ exitCode: 2, stdout: '' })
  expect(answer.stderr).toMatch(ONE_LINE)
  expect(answer.stderr).toContain(says)
  // the neighbour: the pair itself is taken, and the provider cannot be reached
  expect(await refusal(`login p --cert ${tls}one.crt --key ${tls}one.key --allow-http`)).toMatchObject({ exitCode: 4 })
})
