import { Command, Option } from 'commander'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'

/** Tokens as values: everything here but `verify` works without the network. */
export function define(program: Command, start: Start): void {
  defineDecode(program, start)
  defineVerify(program, start)
}

function defineDecode(program: Command, start: Start): void {
  const command = program
    .command('decode')
    .description('Read a token: header, claims, dates. Verifies nothing and asks nobody.')
    .argument('[token]', 'a token, "Bearer …", a header line, a JSON token response; @FILE or a path; - or nothing reads stdin')
  addSharedOptions(command, 'output')
  command.action((token: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/decode.js')).decode(token, options, context)),
  )
}

function defineVerify(program: Command, start: Start): void {
  const command = program
    .command('verify')
    .description('Verify a token with keys you name: every check, pass, fail or skip.')
    .argument('[token]', 'a token; @FILE or a path; - or nothing reads stdin')
    .option('--jwks <file|url|->', 'a JWK Set')
    .option('--pem <file>', 'a public key or certificate')
    .option('--key <file>', 'a key as JWK or PEM')
    .option('--secret <reference>', 'HMAC secret: env:NAME, file:PATH or cmd:COMMAND')
    .option('--iss <issuer...>', 'expected iss; default: the issuer that was named')
    .option('--aud <audience...>', 'expected aud, one of these')
    .option('--typ <type>', 'expected header typ, e.g. at+jwt')
    .option('--alg <name...>', 'allowed algorithms; default: what the keys are for')
    .addOption(new Option('--profile-type <type>', 'rules of one kind of token').choices(['id', 'access', 'logout', 'dpop']))
    .option('--nonce <value>', 'expected nonce (id, dpop)')
    .option('--access-token <file>', 'what at_hash (id) or ath (dpop) must fit')
    .option('--method <method>', 'method of the request (dpop)')
    .option('--url <url>', 'URL of the request (dpop)')
    .option('--at <time>', 'as if it were then: a date, seconds since 1970, +5m, -2h')
    .option('--leeway <duration>', 'tolerance for exp, nbf and iat; default 0')
    .option('--max-age <duration>', 'longest time since iat')
    .option('--no-exp', 'a token without exp may pass')
  addSharedOptions(command, 'output')
  addSome(command, ['profile', 'config', 'issuer', 'clientId', 'timeout', 'caFile', 'insecure', 'allowHttp'])
  command.action((token: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/verify.js')).verify(token, options, context)),
  )
}

/** Some of the shared flags: `verify --key` is the verification key, not a client certificate's. */
function addSome(command: Command, names: readonly string[]): void {
  const all = addSharedOptions(new Command(), 'profile', 'network').options
  for (const option of all) if (names.includes(option.attributeName())) command.addOption(option)
}
