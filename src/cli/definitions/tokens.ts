import { Command, Option } from 'commander'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'

/** Tokens as values: everything here but `verify` works without the network. */
export function define(program: Command, start: Start): void {
  defineDecode(program, start)
  defineVerify(program, start)
  defineDiff(program, start)
  defineMint(program, start)
  defineKeys(program, start)
}

function defineDecode(program: Command, start: Start): void {
  const command = program
    .command('decode')
    .description('Read a token: header, claims, dates. Verifies nothing and asks nobody.')
    .argument('[token]', 'a token, "Bearer …", a header line, a JSON token response; @FILE or a path; - or nothing reads stdin')
    .option('--explain', 'a few words beside every member')
    .option('--lint', 'show every finding; exit 1 when one is an error')
    .option('--strict', 'the same, and warnings count as errors')
    .option('--key <file>', 'open an encrypted token with this private or shared key (JWK or PEM)')
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
    .addOption(new Option('--profile-type <type>', 'rules of one kind of token').choices(['id', 'access', 'logout', 'dpop', 'jws']))
    .option('--content <file>', 'what was signed, where the JWS leaves it out (jws)')
    .option('--nonce <value>', 'expected nonce (id, dpop)')
    .option('--access-token <file>', 'what at_hash (id) or ath (dpop) must fit')
    .option('--method <method>', 'method of the request (dpop)')
    .option('--url <url>', 'URL of the request (dpop)')
    .option('--at <time>', 'as if it were then: a date, seconds since 1970, +5m, -2h')
    .option('--leeway <duration>', 'tolerance for exp, nbf and iat; default 0')
    .option('--max-age <duration>', 'longest time since iat')
    .option('--threads <number>', 'for --output jsonl and many lines; default: one a core')
    .option('--no-exp', 'a token without exp may pass')
  addSharedOptions(command, 'output')
  addSome(command, ['profile', 'config', 'issuer', 'clientId', 'timeout', 'caFile', 'insecure', 'allowHttp'])
  command.action((token: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/verify.js')).verify(token, options, context)),
  )
}

function defineDiff(program: Command, start: Start): void {
  const command = program
    .command('diff')
    .description('How two tokens differ by meaning. Exit 1 when they do.')
    .argument('<a>', 'a token, @FILE, a path, or - for stdin')
    .argument('<b>', 'the other')
  addSharedOptions(command, 'output')
  command.action((a: string, b: string, options: object) =>
    start(async (context) => (await import('../commands/diff.js')).diff(a, b, options, context)),
  )
}

function defineMint(program: Command, start: Start): void {
  const command = program
    .command('mint')
    .description('Sign a token of your own, for tests. Defaults: iat now, exp in five minutes.')
    .argument('[claims...]', 'sub=alice is text, admin:=true is JSON, exp=+5m is a time')
    .option('--key <file>', 'private key: JWK or PEM')
    .option('--secret <reference>', 'HMAC secret: env:NAME, file:PATH or cmd:COMMAND')
    .option('--alg <name>', 'default: what the key is for')
    .option('--kid <id>', 'default: that of the key')
    .option('--typ <type>', 'e.g. at+jwt; default JWT')
    .option('--header <member...>', 'further header members, written like claims')
    .option('--from <token>', 'begin with the header and claims of this one: a token, @FILE or -')
    .option('--unset <name...>', 'leave these claims out')
    .option('--no-defaults', 'no iat and exp unless given')
  addSharedOptions(command, 'output')
  command.action((claims: string[], options: object) =>
    start(async (context) => (await import('../commands/mint.js')).mint(claims, options, context)),
  )
}

function defineKeys(program: Command, start: Start): void {
  const keys = program.command('keys').description('Make and convert keys: JWK, JWK Set, PEM, thumbprints.')
  const load = () => import('../commands/keys.js')
  keys
    .command('new')
    .description('A new private key as JWK.')
    .option('--alg <name>', 'RS256, PS256, ES256, EdDSA, HS256, …; default ES256')
    .option('--bits <number>', 'size of an RSA key; default 2048')
    .option('--kid <id>', 'default: its thumbprint')
    .option('--pem', 'PKCS #8 PEM instead')
    .option('--write <file>', 'into a new file that only you can read')
    .action((options: object) => start(async (context) => (await load()).newKey(options, context)))
  keys
    .command('public')
    .description('The public half, as JWK or PEM.')
    .argument('[file]', 'JWK, JWK Set or PEM; - or nothing reads stdin')
    .option('--pem', 'SPKI PEM instead')
    .action((file: string | undefined, options: object) => start(async (context) => (await load()).publicKey(file, options, context)))
  keys
    .command('jwks')
    .description('The public halves as one JWK Set.')
    .argument('[files...]', 'JWK, JWK Set or PEM; nothing reads stdin')
    .action((files: string[]) => start(async (context) => (await load()).jwks(files, context)))
  keys
    .command('lint')
    .description('What is wrong with a key set. Exit 1 when something is.')
    .argument('[file]', 'a JWK Set; - or nothing reads stdin')
    .option('--json', 'as one JSON document')
    .action((file: string | undefined, options: object) =>
      start(async (context) => (await import('../commands/keys-lint.js')).lintKeys(file, options, context)),
    )
  keys
    .command('thumbprint')
    .description('RFC 7638 thumbprint, one a line.')
    .argument('[file]', 'JWK, JWK Set or PEM; - or nothing reads stdin')
    .addOption(new Option('--hash <name>', 'digest').choices(['sha256', 'sha384', 'sha512']).default('sha256'))
    .option('--uri', 'as a URN (RFC 9278)')
    .action((file: string | undefined, options: object) => start(async (context) => (await load()).keyThumbprint(file, options, context)))
}

/** Some of the shared flags: `verify --key` is the verification key, not a client certificate's. */
function addSome(command: Command, names: readonly string[]): void {
  const all = addSharedOptions(new Command(), 'profile', 'network').options
  for (const option of all) if (names.includes(option.attributeName())) command.addOption(option)
}
