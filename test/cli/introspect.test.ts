import { expect, test } from 'vitest'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'

async function signedUp() {
  const idp = await openIdp()
  const profiles = { m2m: profileFor(idp, 'm2m', { scope: 'api.read' }), introspector: profileFor(idp, 'introspector') }
  const work = await createWorkspace({ default_profile: 'm2m', profiles })
  return {
    idp,
    run: (line: string | readonly string[], stdin?: string) => work.run(line, { env: secretsOf(idp), ...(stdin && { stdin }) }),
  }
}

test('tells about the profile’s own token, or one from argument and stdin (RFC 7662)', async () => {
  const { run } = await signedUp()
  expect(await run('introspect')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^active\n.*client_id +m2m/s) as string })
  const token = (await run('token')).stdout.trim()
  expect(JSON.parse((await run(['introspect', '-p', 'introspector', token, '--json'])).stdout)).toMatchObject({
    schema: 'oidcgw/introspection/v1',
    active: true,
    client_id: 'm2m',
    scope: 'api.read',
  })
  expect(await run('introspect -', `Authorization: Bearer ${token}\n`)).toMatchObject({ exitCode: 0 })
})

test('an inactive token is exit 1, a client that may not ask is exit 3, no token is exit 2', async () => {
  const { idp, run } = await signedUp()
  expect(await run('introspect nonsense')).toEqual({ exitCode: 1, stdout: 'inactive\n', stderr: '' })
  const token = (await run('token')).stdout.trim()
  idp.deactivate('m2m')
  expect(await run(['introspect', '-p', 'introspector', token])).toMatchObject({ exitCode: 1, stdout: 'inactive\n' })
  expect(await run(['introspect', token])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('invalid_client') as string })
  expect(await run('introspect -', ' ')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there is no token') as string })
})
