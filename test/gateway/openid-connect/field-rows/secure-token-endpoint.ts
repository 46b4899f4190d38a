import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'

export const tlsFile = (name: string): string => readFileSync(new URL(`../../../../fixtures/gateway/tls/${name}`, import.meta.url), 'utf8')

/**
 * A token endpoint with a certificate that nobody vouches for, which takes any client. The access token it gives names the subject of the
 * certificate that the client presented.
 */
export async function startSecureTokenEndpoint(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(
    { key: tlsFile('one.key'), cert: tlsFile('one.crt'), requestCert: true, rejectUnauthorized: false },
    ({ socket }, response) => {
      const presented = (socket as TLSSocket).getPeerX509Certificate()?.subject ?? 'nobody'
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ access_token: presented, token_type: 'Bearer', expires_in: 60 }))
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
