import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'
import { assertionClaims, createClientKey, signEs256 } from '../idp/keys.js'

const CI = 'https://ci.example'
const SUBJECT = 'repo:orders/api:ref:refs/heads/main'
const BEARER = 'canary-actions-bearer-5521'
const key = createClientKey('ci')

const assertionFor = (audience: string): string =>
  signEs256(assertionClaims(CI, audience, { sub: SUBJECT, canary: 'canary-of-the-assertion' }), key, { typ: 'JWT' })

/** A provider that trusts the CI, and a folder whose profile `deploy` names no grant. */
async function deployed(profile: Readonly<Record<string, unknown>> = {}) {
  const idp = await openIdp({ trustedIssuers: [{ issuer: CI, jwks: { keys: [key.jwk] } }] })
  const work = await createWorkspace({ default_profile: 'deploy', profiles: { deploy: profileFor(idp, 'm2m', profile) } })
  const run = (line: string, env: Readonly<Record<string, string>> = {}) => work.run(line, { env: { ...secretsOf(idp), ...env } })
  return { idp, work, run, assertion: assertionFor(idp.issuer) }
}

type Answer = (audience: string) => { readonly status: number; readonly body: unknown }

/** GitHub's endpoint for the identity of a job, as its documentation describes it. */
async function startGithub(answer: Answer) {
  const asked: { audience: string | null; version: string | null; authorization: string | undefined }[] = []
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://github')
    const audience = searchParams.get('audience')
    asked.push({ audience, version: searchParams.get('api-version'), authorization: request.headers.authorization })
    const { status, body } = answer(audience ?? '')
    response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const env = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: BEARER,
  }
  return { asked, env }
}

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
const line = (text: string) => expect.stringContaining(`oidcgw: ${text}\n`) as string

describe('--assertion-from (RFC 7523 §2.1)', () => {
  test('env and file: the JWT bearer grant is implied, the token is of the assertion’s subject', async () => {
    const { run, work, assertion, idp } = await deployed()
    const fromEnv = await run('token --assertion-from env:CI_TOKEN', { CI_TOKEN: assertion })
    expect(fromEnv).toMatchObject({ exitCode: 0, stderr: '' })
    expect(claimsOf(fromEnv.stdout)).toMatchObject({ sub: SUBJECT, client_id: 'm2m' })
    await work.write('assertion.jwt', `${assertionFor(idp.issuer)}\n`)
    const fromFile = await run('token --assertion-from file:assertion.jwt')
    expect(claimsOf(fromFile.stdout)).toMatchObject({ sub: SUBJECT })
    // Without the flag the same profile is a machine of its own.
    expect(claimsOf((await run('token')).stdout)).toMatchObject({ sub: 'm2m' })
  })

  test('the flag wins over the profile’s own assertion, which alone implies the grant too', async () => {
    const { run, assertion, idp } = await deployed({ assertion: 'env:OLD' })
    expect((await run('token --assertion-from env:NEW', { OLD: 'no.such.token', NEW: assertion })).exitCode).toBe(0)
    expect(claimsOf((await run('token', { OLD: assertionFor(idp.issuer) })).stdout)).toMatchObject({ sub: SUBJECT })
    expect(await run('token --fresh', { OLD: 'no.such.token' })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('hint: Check that the provider trusts the issuer of the assertion') as string,
    })
  })

  test('login keeps the token, and says the grant', async () => {
    const { run, assertion } = await deployed()
    const { stdout, exitCode } = await run('login --json --assertion-from env:CI_TOKEN', { CI_TOKEN: assertion })
    expect({ exitCode, ...(JSON.parse(stdout) as object) }).toMatchObject({
      exitCode: 0,
      grant: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    })
    expect(await run('token --check --assertion-from env:CI_TOKEN')).toMatchObject({ exitCode: 0 })
    expect(await run('token --check')).toMatchObject({ exitCode: 1 })
  })

  test.for([
    ['env that is not set', 'env:CI_TOKEN', 2, 'assertion of profile deploy: the environment variable CI_TOKEN is not set'],
    ['a file that is missing', 'file:nowhere.jwt', 2, 'assertion of profile deploy: nowhere.jwt cannot be read (ENOENT)'],
    ['gitlab outside GitLab', 'gitlab', 2, 'assertion of profile deploy: GitLab gave this job no OIDCGW_ID_TOKEN'],
    ['gitlab with a variable the job has not', 'gitlab:OTHER', 2, 'assertion of profile deploy: GitLab gave this job no OTHER'],
    ['github outside GitHub', 'github', 2, 'assertion of profile deploy: GitHub offers no identity to this job'],
    ['no source at all', 'githb', 2, '--assertion-from says where the assertion comes from, and is none itself'],
    ['an empty name', 'env:', 2, '--assertion-from says where the assertion comes from, and is none itself'],
  ] as const)('%s is refused', async ([, source, exitCode, says]) => {
    const { run, idp } = await deployed()
    expect(await run(`token --assertion-from ${source}`)).toMatchObject({ exitCode, stdout: '', stderr: line(says) })
    expect(idp.counters().token ?? 0).toBe(0)
  })

  test('a token written in place of a source is never shown', async () => {
    const { run, assertion } = await deployed()
    const { exitCode, stderr } = await run(`login --assertion-from ${assertion}`)
    expect(exitCode).toBe(2)
    expect(stderr).not.toContain(assertion.slice(0, 12))
  })

  test('a profile whose grant takes no assertion is refused; --grant jwt_bearer settles it', async () => {
    const { run, assertion } = await deployed({ grant: 'client_credentials' })
    const env = { CI_TOKEN: assertion }
    expect(await run('token --assertion-from env:CI_TOKEN', env)).toMatchObject({
      exitCode: 2,
      stderr: 'oidcgw: profile deploy: its grant client_credentials takes no assertion\n  hint: Add --grant jwt_bearer\n',
    })
    expect(await run('token --assertion-from env:CI_TOKEN --grant jwt_bearer', env)).toMatchObject({ exitCode: 0 })
  })
})

describe('github', () => {
  test('asks for the provider as audience, as the job, and shows neither token on the wire', async () => {
    const { run, idp } = await deployed()
    const github = await startGithub((audience) => ({ status: 200, body: { value: assertionFor(audience) } }))
    const { stdout, stderr, exitCode } = await run('token --assertion-from github -vv', github.env)
    expect(exitCode).toBe(0)
    expect(claimsOf(stdout)).toMatchObject({ sub: SUBJECT })
    expect(github.asked).toEqual([{ audience: idp.issuer, version: '2.0', authorization: `Bearer ${BEARER}` }])
    expect(stderr).toContain(`> GET ${github.env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=`)
    expect(stderr).not.toContain(BEARER)
    expect(stderr).not.toMatch(/eyJ[\w-]{10}/)
  })

  test('github:AUDIENCE asks for another, which this provider refuses', async () => {
    const { run } = await deployed()
    const github = await startGithub((audience) => ({ status: 200, body: { value: assertionFor(audience) } }))
    const result = await run('token --assertion-from github:https://other.example', github.env)
    expect(github.asked[0]?.audience).toBe('https://other.example')
    expect(result).toMatchObject({ exitCode: 3, stderr: line('jwt-bearer: the provider said invalid_grant: grant request is invalid') })
  })

  test.for([
    ['403, whatever its body', { status: 403, body: { value: 'a.b.c' } }, 3, 'GitHub refused this job an identity (HTTP 403)'],
    ['an answer without value', { status: 200, body: { count: 1 } }, 4, 'GitHub answered HTTP 200 without a token'],
    ['an empty value', { status: 200, body: { value: '' } }, 4, 'GitHub answered HTTP 200 without a token'],
    ['no JSON', { status: 200, body: '<html>' }, 4, 'GitHub answered HTTP 200 without a token'],
    ['500', { status: 500, body: 'down' }, 4, 'GitHub answered HTTP 500 without a token'],
    ['a redirect, which is not followed', { status: 302, body: '' }, 4, 'GitHub answered HTTP 302 without a token'],
  ] as const)('%s is one clear line', async ([, answer, exitCode, says]) => {
    const { run, idp } = await deployed()
    const github = await startGithub(() => answer)
    const result = await run('login --assertion-from github', github.env)
    expect(result).toMatchObject({ exitCode, stdout: '', stderr: line(`assertion of profile deploy: ${says}`) })
    expect(result.stderr).not.toContain(BEARER)
    expect(idp.counters().token ?? 0).toBe(0)
  })

  test.for([
    ['no address', { ACTIONS_ID_TOKEN_REQUEST_TOKEN: BEARER }, 'GitHub offers no identity to this job'],
    ['no bearer', { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:9/' }, 'GitHub offers no identity to this job'],
    [
      'an address that would carry the bearer in the clear',
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://192.0.2.1/', ACTIONS_ID_TOKEN_REQUEST_TOKEN: BEARER },
      'http://192.0.2.1 would be spoken to without TLS',
    ],
  ] as const)('%s is exit 2', async ([, env, says]) => {
    const { run } = await deployed()
    expect(await run('token --assertion-from github', env)).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining(says) as string,
    })
  })
})

describe('gitlab', () => {
  test('takes OIDCGW_ID_TOKEN, or the variable that is named, by flag or by profile', async () => {
    const { run, idp } = await deployed({ assertion: 'gitlab:DEPLOY_TOKEN' })
    const subject = async (line: string, name: string) => claimsOf((await run(line, { [name]: assertionFor(idp.issuer) })).stdout)['sub']
    expect(await subject('token --assertion-from gitlab', 'OIDCGW_ID_TOKEN')).toBe(SUBJECT)
    expect(await subject('token --assertion-from gitlab:MY_TOKEN', 'MY_TOKEN')).toBe(SUBJECT)
    expect(await subject('token', 'DEPLOY_TOKEN')).toBe(SUBJECT)
  })

  test('what to write in the job is said with the provider as audience', async () => {
    const { run, idp } = await deployed()
    const { stderr } = await run('token --assertion-from gitlab:MY_TOKEN')
    expect(stderr).toContain(`hint: Write id_tokens: { MY_TOKEN: { aud: ${idp.issuer} } } in the job`)
  })
})

test('a file is read from where the command runs, whatever the project file’s folder', async () => {
  const { run, work, assertion } = await deployed()
  await work.write('a.jwt', assertion)
  expect(await run(`token --assertion-from file:${join(work.folder, 'a.jwt')}`)).toMatchObject({ exitCode: 0 })
})
