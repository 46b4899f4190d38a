import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runSuite } from '../../../src/probe/library.js'
import { serve } from '../serve.js'

describe('the TLS certificate', () => {
  const pem = (name: string): string => readFileSync(new URL(`../../../fixtures/suites/tls/${name}`, import.meta.url), 'utf8')

  test('is compared, and plain http has none', async () => {
    const server = createServer({ key: pem('server.key'), cert: pem('server.crt') }, (_, response) => void response.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const gateway = `https://localhost:${(server.address() as AddressInfo).port}`
    const cases = [
      {
        name: 'right',
        get: '/',
        expect: { certificate: { subject: { contains: 'CN=localhost' }, name: 'localhost', valid_for: '30d', protocol: 'TLSv1.3' } },
      },
      { name: 'wrong name', get: '/', expect: { certificate: { name: 'api.example' } } },
      { name: 'too short', get: '/', expect: { certificate: { valid_for: '400000d' } } },
    ]
    const { results } = await runSuite({ cases }, { gateway, transport: { tls: { ca: pem('server.crt') } } })
    expect(results.map(({ outcome }) => outcome)).toEqual(['pass', 'fail', 'fail'])
    expect(results[1]?.message).toBe('certificate name: expected "api.example", got "localhost, 127.0.0.1"')
    expect(results[2]?.message).toMatch(/^certificate life: expected at least 400000.0 days left, got \d+\.\d days left$/)
    const untrusted = await runSuite({ cases }, { gateway })
    expect(untrusted.results[0]).toMatchObject({ outcome: 'error', error: { code: 'ERR_TLS' } })
    const { url } = await serve((_, response) => void response.end())
    const plain = await runSuite({ cases }, { gateway: url })
    expect(plain.results[0]).toMatchObject({ outcome: 'fail', message: 'certificate: expected a TLS certificate, got plain http' })
  })
})
