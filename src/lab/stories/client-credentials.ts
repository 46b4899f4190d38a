import { formatBasic } from '../../http/authorization.js'
import { parseChallenges } from '../../http/challenge.js'
import { clientCredentials, fourSettings, openRoute } from './documents.js'
import { fetchToken, get, originOf, showToken, upstreamHeader } from './moves.js'
import type { Story } from './story.js'

/** Part 1: a route protected with client credentials, and `iss` as an upstream header. */
export const clientCredentialsStory: Story = {
  number: 1,
  name: 'client-credentials',
  title: 'Client credentials protect a route; iss arrives upstream as a header',
  async play(scene) {
    const { stage } = scene
    const { client_id, client_secret } = stage.clients.m2m
    const basic = formatBasic({ username: client_id, password: client_secret })
    const path = '/oidcroute/get'

    scene.chapter('The route without the plugin')
    await stage.publish(openRoute)
    scene.expect('anybody is let in', (await get(scene, path)).status, 200)

    scene.chapter('The plugin with four settings: every method is on')
    await stage.publish(fourSettings)
    const redirected = await get(scene, path)
    scene.expect('without a credential: sent to the provider', redirected.status, 302)
    scene.expect('the redirect leads to the issuer', originOf(redirected.location), new URL(stage.issuer).origin)
    scene.expect('Basic with id and secret is let in', (await get(scene, path, { authorization: basic })).status, 200)

    scene.chapter('The plugin with client_credentials and bearer only')
    await stage.publish(clientCredentials)
    const refused = await get(scene, path)
    scene.expect('without a credential: 401', refused.status, 401)
    const challenge = parseChallenges(refused.headers['www-authenticate'])[0]
    scene.expect(
      'the challenge names the issuer’s host',
      challenge && `${challenge.scheme} ${challenge.parameters['realm']}`,
      `Bearer ${new URL(stage.issuer).hostname}`,
    )
    scene.expect('the challenge has no error when nothing was presented', challenge?.parameters['error'], undefined)

    const viaBasic = await get(scene, path, { authorization: basic })
    scene.expect('Basic with id and secret: 200', viaBasic.status, 200)
    scene.expect('the upstream receives a bearer token', upstreamHeader(viaBasic, 'Authorization')?.split(' ')[0], 'Bearer')
    scene.expect('the issuer arrives as Issuer-Header', upstreamHeader(viaBasic, 'Issuer-Header'), stage.issuer)

    const token = await fetchToken(scene, 'm2m', { scope: 'api.read' })
    const viaBearer = await get(scene, path, { authorization: `Bearer ${token}` })
    scene.expect('a fetched bearer token: 200', viaBearer.status, 200)
    await showToken(scene, token, 'The token, decoded and verified against the issuer’s keys')

    const forged = await get(scene, path, {
      authorization: `Bearer ${token}`,
      'Issuer-Header': 'https://evil.example',
      issuer_header: 'https://evil.example',
    })
    scene.expect('a client-sent Issuer-Header never arrives', upstreamHeader(forged, 'Issuer-Header'), stage.issuer)
    scene.expect('nor its spelling with an underscore', upstreamHeader(forged, 'Issuer_header'), undefined)

    scene.chapter('Credentials that must not open the door')
    const wrongSecret = formatBasic({ username: client_id, password: `${client_secret}-wrong` })
    scene.expect('a wrong secret: 401', (await get(scene, path, { authorization: wrongSecret })).status, 401)
    const altered = await get(scene, path, { authorization: `Bearer ${alter(token)}` })
    scene.expect('an altered token: 401', altered.status, 401)
    scene.expect(
      'and the challenge says invalid_token',
      parseChallenges(altered.headers['www-authenticate'])[0]?.parameters['error'],
      'invalid_token',
    )
    const stranger = await fetchToken(scene, 'm2m', { scope: 'api.read', resource: stage.resources.other })
    scene.expect('a token for another audience: 403', (await get(scene, path, { authorization: `Bearer ${stranger}` })).status, 403)
    if (stage.shiftGatewayClock) {
      stage.shiftGatewayClock(7200)
      scene.expect(
        'an expired token (the gateway’s clock two hours on): 401',
        (await get(scene, path, { authorization: `Bearer ${token}` })).status,
        401,
      )
      stage.shiftGatewayClock(0)
      scene.expect('and with the clock back: 200 again', (await get(scene, path, { authorization: `Bearer ${token}` })).status, 200)
    }
  },
}

/** Another first character in the signature: still base64url, no longer the provider's. */
function alter(token: string): string {
  const dot = token.lastIndexOf('.') + 1
  return `${token.slice(0, dot)}${token[dot] === 'A' ? 'B' : 'A'}${token.slice(dot + 1)}`
}
