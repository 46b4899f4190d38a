import { describe, expect, test } from 'vitest'
import { attempt } from '../client/attempt.js'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'

const CANARY = 'canary-password-93711'

/** What must never show: every secret, code, verifier and token that went over the wire, unless it was asked for. */
function expectSilence(text: string, secrets: readonly (string | undefined)[]): void {
  for (const secret of secrets) {
    expect(secret).toBeTruthy()
    expect(text).not.toContain(secret)
    // A piece of it long enough to be of use.
    if ((secret?.length ?? 0) >= 40) expect(text).not.toContain(secret?.slice(8, 30))
  }
}

describe('no secret shows at any verbosity (issue 5)', () => {
  test('a browser login with -vv: code, verifier and tokens are masked', async () => {
    const { stderr, stdout, sent, stored, exitCode } = await attempt({ args: ['-vv'] })
    expect(exitCode).toBe(0)
    const form = new URLSearchParams(sent.findLast(({ body }) => String(body).includes('code_verifier'))?.body as string)
    const tokens = await stored()
    const secrets = [
      form.get('code') ?? '',
      form.get('code_verifier') ?? '',
      tokens?.['access_token'],
      tokens?.['id_token'],
      tokens?.['refresh_token'],
    ]
    expect(stderr).toContain('grant_type=authorization_code')
    expectSilence(stderr + stdout, secrets)
  })

  test.for([
    ['the password grant', 'login alice -vv', 0],
    ['introspection', 'introspect -p m2m -vv', 0],
    ['revocation', 'revoke -p alice -vv', 0],
    ['logout', 'logout alice -vv --json', 0],
    ['the store', 'store show alice', 0],
    ['a refused password', 'login wrong -vv', 3],
    ['a refused client', 'login stranger -vv', 3],
  ] as const)('%s', async ([, line, exitCode]) => {
    const idp = await openIdp()
    const person = (password: string) => ({ grant: 'password', scope: 'openid', login: { username: 'alice', password } })
    const work = await createWorkspace({
      profiles: {
        alice: profileFor(idp, 'web', person('env:ALICE')),
        wrong: profileFor(idp, 'web', person('env:CANARY')),
        m2m: profileFor(idp, 'm2m'),
        stranger: profileFor(idp, 'm2m', { client: { secret: 'env:CANARY' } }),
      },
    })
    const env = { ...secretsOf(idp), ALICE: 'alice-password', CANARY }
    const tokens = JSON.parse((await work.run('token alice --json', { env })).stdout) as Record<string, string>
    const result = await work.run(line, { env })
    expect(result.exitCode, result.stderr).toBe(exitCode)
    // The ID token stands in the logout URL, which the browser needs.
    const idToken = line.startsWith('logout') ? [] : [tokens['id_token']]
    const secrets = [
      tokens['access_token'],
      tokens['refresh_token'],
      ...idToken,
      'alice-password',
      CANARY,
      ...Object.values(secretsOf(idp)),
    ]
    expectSilence(result.stdout + result.stderr, secrets)
  })
})
