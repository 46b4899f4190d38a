import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { HttpResponse } from '../../src/host.js'
import { Canaries } from './canaries.js'
import { addEnvironment, expectSilentCommand, expectSilentProcess, watchTyping, watchWire } from './command-canaries.js'
import { createMemoryHost, runOn } from './memory-host.js'

const OPAQUE = 'mF_9.B5f-4.1JqM'
const LONG = 'Zb3v1Xk-9QmT0yR_s7LwPq2nHf8cJd5aUe6gKi4oVtBxNzM'
const JWT = `eyJhbGciOiJSUzI1NiJ9.${Buffer.from('{"sub":"somebody"}').toString('base64url')}.${LONG}`

describe('what a command was asked for', () => {
  const silent = (argv: readonly string[], shown: { stdout?: string; stderr?: string }) => {
    const canaries = new Canaries()
    canaries.add('access_token that was issued', OPAQUE)
    return () => expectSilentCommand(canaries, argv, { stdout: '', stderr: '', ...shown })
  }

  test.for([
    { argv: ['token', 'p'], stdout: JWT },
    { argv: ['token', 'p', '-H'], stdout: `Authorization: Bearer ${OPAQUE}` },
    { argv: ['token', 'p', '--json'], stdout: `{"refresh_token": "${OPAQUE}"}` },
    { argv: ['mint', 'sub=alice'], stdout: JWT },
    { argv: ['keys', 'new'], stdout: `{"d":"${LONG}"}` },
    { argv: ['idp', '--json', '--show-secrets'], stdout: `{"client_secret":"${OPAQUE}"}` },
  ])('$argv shows on stdout what it was asked for, and nowhere else', ({ argv, stdout }) => {
    expect(silent(argv, { stdout })).not.toThrow()
    expect(silent(argv, { stderr: stdout })).toThrow(/^stderr shows a /)
    for (const other of [['login', 'token'], ['decode'], ['keys', 'public'], ['idp', '--json']]) {
      expect(silent(other, { stdout })).toThrow(/^stdout shows a /)
    }
  })
})

describe('the secrets that a command was given', () => {
  const IN_FILE = 'content-of-a-file'
  test.for([
    { name: 'the environment', env: { ORDERS_SECRET: OPAQUE }, argv: ['probe'], shown: OPAQUE, what: 'value of ORDERS_SECRET' },
    {
      name: 'a reference in an argument',
      env: { PIN: OPAQUE },
      argv: ['verify', '--secret', 'env:PIN'],
      shown: OPAQUE,
      what: 'value of PIN',
    },
    { name: 'a reference in the project file', env: { ALICE: OPAQUE }, argv: ['login'], shown: OPAQUE, what: 'value of ALICE' },
    { name: 'a file the project file refers to', argv: ['login'], shown: IN_FILE, what: 'content of web.secret' },
    { name: 'a file by flag', argv: ['login', '--client-secret-file', 'web.secret'], shown: IN_FILE, what: 'content of web.secret' },
    { name: 'a header by flag', argv: ['probe', '-H', `X-Api-Token: ${OPAQUE}`], shown: OPAQUE, what: 'value of X-Api-Token' },
    { name: 'a token by argument', argv: ['decode', JWT], shown: LONG, what: 'token that was handed in' },
  ])('knows the secret of $name', ({ env = {}, argv, shown, what }) => {
    const cwd = mkdtempSync(join(tmpdir(), 'oidcgw-canaries-'))
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
    writeFileSync(join(cwd, 'web.secret'), `${IN_FILE}\n`)
    writeFileSync(
      join(cwd, 'oidcgw.yaml'),
      'profiles: { p: { client: { secret: "env:ALICE" } }, q: { client: { secret: file:web.secret } } }',
    )
    const check = (stderr: string) => () => expectSilentProcess(argv, { env, cwd }, { stdout: '', stderr })
    expect(check(`it was ${shown}`)).toThrow(`stderr shows a ${what}: it was `)
    expect(check('it was something else')).not.toThrow()
  })

  test('a path and an address in the environment are no secrets', () => {
    const canaries = new Canaries()
    addEnvironment(canaries, { CLIENT_SECRET_FILE: '/run/secrets/web', TOKEN_URL: 'http://127.0.0.1:1/token', SECRET: 'env:OTHER_NAME' })
    canaries.read('stderr', 'read /run/secrets/web, asked http://127.0.0.1:1/token, env:OTHER_NAME')
    expect(canaries.complaint).toBeUndefined()
  })

  test.for([
    { name: 'a line', line: 'typed-password', shown: 'typed-password', what: 'line that was typed' },
    { name: 'the code of an address', line: `http://127.0.0.1/cb?code=${OPAQUE}`, shown: OPAQUE, what: 'code that was sent' },
  ])('knows what was typed: $name', async ({ line, shown, what }) => {
    const canaries = new Canaries()
    expect(await watchTyping(async () => line, canaries)(() => undefined, new AbortController().signal)).toBe(line)
    canaries.read('stderr', 'back to http://127.0.0.1/cb')
    expect(canaries.complaint).toBeUndefined()
    canaries.read('stderr', `it was ${shown}`)
    expect(canaries.complaint).toMatch(`stderr shows a ${what}: it was `)
  })

  // Made outside of a test, which would fail at its end.
  const leaking = createMemoryHost({ env: { WEB_SECRET: OPAQUE } })
  test('in process: the one who runs it hears of it', async () => {
    await expect(runOn(leaking, ['discover', `not-a-url-${OPAQUE}`])).rejects.toThrow(/^stderr shows a value of WEB_SECRET: /)
    await expect(runOn(createMemoryHost(), ['discover', `not-a-url-${OPAQUE}`])).resolves.toBe(2)
  })
})

test.fails('a test fails at its end when its host was told a secret without a command', () => {
  createMemoryHost({ env: { WEB_SECRET: OPAQUE } }).stderr.write(`it was ${OPAQUE}`)
})

describe('the secrets that went over the wire', () => {
  const answer = (headers: HttpResponse['headers'], body = ''): HttpResponse => ({
    status: 200,
    headers,
    body: Buffer.from(body),
    durationMs: 1,
  })
  test.for([
    { what: 'refresh_token that was issued', answered: answer({ 'content-type': 'application/json' }, `{"refresh_token":"${OPAQUE}"}`) },
    { what: 'cookie session', answered: answer({ 'set-cookie': [`session=${OPAQUE}; Path=/`] }) },
    { what: 'code that was sent', answered: answer({ location: `http://h/cb?code=${OPAQUE}` }) },
    { what: 'client_secret that was sent', body: `client_id=demo&client_secret=${OPAQUE}` },
    { what: 'Bearer credentials', headers: { authorization: `Bearer ${OPAQUE}` } },
    { what: 'password of Basic credentials', headers: { Authorization: `Basic ${Buffer.from(`demo:${OPAQUE}`).toString('base64')}` } },
  ])('knows from the wire: $what', async ({ what, answered = answer({}), ...asked }) => {
    const canaries = new Canaries()
    await watchWire(async () => answered, canaries)({ method: 'POST', url: new URL('http://h/token'), ...asked })
    expect(canaries.complaint).toBeUndefined()
    canaries.read('stderr', `it was ${OPAQUE}`)
    expect(canaries.complaint).toBe(`stderr shows a ${what}: it was [15 characters, sha256:b8e14854]`)
  })

  test('reads what -vv would say, whether it is said or not', async () => {
    const canaries = new Canaries()
    const unknown = answer({ 'content-type': 'application/json', 'x-note': `passwd ${OPAQUE}` })
    canaries.add('value of SECRET', OPAQUE)
    await watchWire(async () => unknown, canaries)({ method: 'GET', url: new URL('http://h/') })
    expect(canaries.complaint).toMatch(/^-vv shows a value of SECRET: < x-note: passwd /)
  })
})
