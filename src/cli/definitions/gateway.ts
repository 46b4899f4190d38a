import { InvalidArgumentError, Option, type Command } from 'commander'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'
import { defineGatewayFiles } from './gateway-files.js'

export function define(program: Command, start: Start): void {
  const gateway = program.command('gateway').description('The local gateway: runs the Kong document you give to decK.')
  const run = gateway
    .command('run')
    .description('Serve Kong documents until Ctrl-C.')
    .argument('<files...>', 'Kong declarative documents, merged as decK merges them; - reads stdin')
  const options = [
    new Option('--port <port>', 'where to listen; 0 picks a free one').default(8000).argParser(port).env('OIDCGW_GATEWAY_PORT'),
    new Option('--host <address>', 'which address to listen on').default('127.0.0.1'),
    new Option('--tls-port <port>', 'also listen there over TLS, with the document’s certificates').argParser(port),
    new Option('--tls-cert <pem>', 'certificate for server names that the document has none for'),
    new Option('--tls-key <pem>', 'its private key'),
    new Option('--admin <[host:]port>', 'also serve the Admin API there (off by default, loopback unless a host is given)'),
    new Option('--watch', 'publish again when a file changes; a bad document leaves the old one serving'),
    new Option('--access-log', 'one JSON line on stdout for each request'),
    new Option('--trace <file>', 'append each request’s steps to FILE, one JSON document a line, secrets masked'),
    new Option('--session-store <kind>', 'where sessions live, whatever the document says').choices(['memory']),
    new Option('--reason-header', 'add X-Oidcgw-Reason to refusals (Kong has no such header)'),
    new Option('--router-flavor <flavor>', 'how routes are ranked')
      .choices(['traditional_compatible', 'traditional'])
      .default('traditional_compatible'),
    new Option('--kong-version <version>', 'whose defaults hold, e.g. 3.4; default the newest'),
    new Option('--ca-file <pem>', 'trust these roots too when calling the provider').env('OIDCGW_CA_FILE'),
  ]
  for (const option of options) run.addOption(option)
  addSharedOptions(run, 'output')
  run.addHelpText('after', EXAMPLES)
  run.action((files: string[], given: object) =>
    start(async (context) => (await import('../commands/gateway-run.js')).gatewayRun(files, given as never, context)),
  )
  defineGatewayFiles(gateway, start)
}

function port(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
  return number
}

const EXAMPLES = `
Examples:
  oidcgw gateway run kong.yaml
  oidcgw gateway run kong.yaml consumers.yaml --port 0 --admin 8001 --watch
  deck gateway dump -o - | oidcgw gateway run -`
