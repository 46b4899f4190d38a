import { expect, test } from 'vitest'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'

async function signedIn() {
  const idp = await openIdp()
  const login = { driver: 'form', username: 'alice', password: 'env:ALICE' }
  const profiles = {
    alice: profileFor(idp, 'native', { grant: 'authorization_code', scope: 'openid email', resource: 'api://opaque', login }),
    m2m: profileFor(idp, 'm2m'),
  }
  const work = await createWorkspace({ default_profile: 'alice', profiles })
  return { idp, run: (line: string) => work.run(line, { env: { ...secretsOf(idp), ALICE: 'alice-password' } }) }
}

test('userinfo is refused for a token that is not meant for it', async () => {
  const { run } = await signedIn()
  expect(await run('userinfo m2m')).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringContaining('invalid_token') as string })
})

test('userinfo tells about the person; another sub than the ID token’s is refused (OIDC Core §5.3.2)', async () => {
  const { idp, run } = await signedIn()
  idp.fault({ endpoint: 'userinfo', body: { sub: 'alice', email: 'alice@example.test' } })
  expect(JSON.parse((await run('userinfo --json')).stdout)).toEqual({
    schema: 'oidcgw/userinfo/v1',
    sub: 'alice',
    email: 'alice@example.test',
  })
  idp.fault({ endpoint: 'userinfo', body: { sub: 'bob' } })
  expect(await run('userinfo')).toMatchObject({ exitCode: expect.not.toSatisfy((code: number) => code === 0) as number, stdout: '' })
})
