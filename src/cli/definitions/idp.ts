import { InvalidArgumentError, Option, type Command } from 'commander'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value]

const port = (text: string): number => {
  const number = Number(text)
  if (text === '' || !Number.isInteger(number) || number < 0 || number > 65_535) {
    throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  }
  return number
}

export function define(program: Command, start: Start): void {
  const idp = program.command('idp').description('Run the embedded provider on loopback until Ctrl-C. For tests only.')
  const options = [
    new Option('--port <n>', '0 picks a free one').default(9091).argParser(port).env('OIDCGW_IDP_PORT'),
    new Option('--issuer-host <name>', 'host name in the issuer; the listener stays on 127.0.0.1').env('OIDCGW_IDP_ISSUER_HOST'),
    new Option('--issuer-path <path>', 'path of the issuer, e.g. /oauth2/default').env('OIDCGW_IDP_ISSUER_PATH'),
    new Option('--redirect-uri <uri>', 'allowed for the web application; repeatable').argParser(collect),
    new Option('--access-token <format>', 'format of access tokens').choices(['jwt', 'opaque']).env('OIDCGW_IDP_ACCESS_TOKEN'),
    new Option('--jwks <file>', 'private keys to sign with, instead of new ones').env('OIDCGW_IDP_JWKS'),
    new Option('--tls-cert <pem>', 'listen with TLS; needs --tls-key').env('OIDCGW_IDP_TLS_CERT'),
    new Option('--tls-key <pem>', 'its private key').env('OIDCGW_IDP_TLS_KEY'),
    new Option('--tls-ca <pem>', 'roots of client certificates').env('OIDCGW_IDP_TLS_CA'),
    new Option('--show-secrets', 'print the throw-away secrets too'),
    new Option('--write-env <file>', 'write ids, secrets and addresses as NAME=value, mode 0600'),
  ]
  for (const option of options) idp.addOption(option)
  addSharedOptions(idp, 'output')
  idp.addHelpText('after', NOTES)
  idp.action((given: object) => start(async (context) => (await import('../commands/idp.js')).idp([], given, context)))
}

const NOTES = `
The web application's id, secret and redirect URIs can be given by environment: OIDCGW_IDP_CLIENT_ID,
OIDCGW_IDP_CLIENT_SECRET and OIDCGW_IDP_REDIRECT_URIS (separated by spaces). The other applications likewise, as
OIDCGW_IDP_M2M_CLIENT_ID, OIDCGW_IDP_INTROSPECTOR_CLIENT_SECRET and so on; the control API by OIDCGW_IDP_CONTROL_SECRET.

Examples:
  oidcgw idp --write-env idp.env
  OIDCGW_IDP_CLIENT_ID=kong OIDCGW_IDP_CLIENT_SECRET=… oidcgw idp --redirect-uri http://127.0.0.1:8000/oidcroute/get`
