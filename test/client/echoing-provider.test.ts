import { describe, expect, onTestFinished, test } from 'vitest'
import { startScriptedProvider, type ProviderRequestSeen } from '../support/scripted-provider.js'
import { createWorkspace } from './workspace.js'

const REFRESH = 'mF_9.B5f-4.1JqM'
const SECRET = 'a-secret+of the client'

/** Some providers repeat in a refusal what they were sent; ours repeats whatever the test says. */
async function refusedBy(repeat: (request: ProviderRequestSeen) => string | null, line: string) {
  const provider = await startScriptedProvider()
  onTestFinished(() => provider.close())
  const refusal = (request: ProviderRequestSeen) => ({ error: 'invalid_grant', error_description: `Invalid value: ${repeat(request)}` })
  provider.script('/token', (request) => ({ status: 400, body: JSON.stringify(refusal(request)) }))
  provider.script('/introspect', (request) => ({ status: 400, body: JSON.stringify(refusal(request)) }))
  const client = { id: 'demo', secret: 'env:SECRET', auth: 'client_secret_post' }
  const work = await createWorkspace({
    profiles: {
      p: { issuer: provider.issuer, grant: 'refresh_token', client, assertion: 'env:REFRESH' },
      basic: { extends: 'p', client: { auth: 'client_secret_basic' } },
    },
  })
  return work.run(line, { env: { SECRET, REFRESH } })
}

describe('a provider that repeats what it was sent', () => {
  test.for([
    { name: 'the refresh token', repeat: ({ form }: ProviderRequestSeen) => form.get('refresh_token'), line: 'login p' },
    { name: 'the client secret', repeat: ({ form }: ProviderRequestSeen) => form.get('client_secret'), line: 'login p' },
    {
      name: 'the Basic credentials',
      repeat: ({ headers }: ProviderRequestSeen) => `<${headers.authorization?.slice(6)}>`,
      line: 'login basic',
    },
    { name: 'the token asked about', repeat: ({ form }: ProviderRequestSeen) => form.get('token'), line: `introspect ${REFRESH} -p p` },
    { name: 'the same at -vv', repeat: ({ form }: ProviderRequestSeen) => form.get('refresh_token'), line: 'login p -vv' },
  ])('$name does not show', async ({ repeat, line }) => {
    const { exitCode, stdout, stderr } = await refusedBy(repeat, line)
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
    expect(stderr).toMatch(/the provider said invalid_grant: Invalid value: <?\[masked\]>?\n/)
    for (const secret of [REFRESH, SECRET, Buffer.from(`demo:${SECRET}`).toString('base64')]) expect(stderr).not.toContain(secret)
  })

  test('what it says otherwise is said', async () => {
    expect(await refusedBy(() => 'grant_type', 'login p')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('the provider said invalid_grant: Invalid value: grant_type\n') as string,
    })
  })
})
