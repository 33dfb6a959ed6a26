#!/usr/bin/env node
import { isIP } from 'node:net';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { whenToldToEnd } from './commands/end-signals';
import type { ExplainOptions } from './commands/explain';
import type { DoctorOptions } from './commands/doctor';
import { ConfigError } from './config/config';
import { parseDuration } from './config/units';
import { version } from './version';

const configFile = () =>
  new Option(
    '-c, --config <file>',
    'configuration file, or env:NAME for the text in the environment variable NAME',
  ).env('KPOW_GATEWAY_CONFIG');

const sourceOf = async (named: string | undefined, options: { withoutTools?: boolean } = {}) => {
  const { ConfigSource } = await import('./config/default-file.js');
  return new ConfigSource(named, options);
};

const out = (line: string) => process.stdout.write(`${line}\n`);
/** Resolves when it is written: what a pipe has not taken yet would be lost at the end. */
const outWhole = (text: string) => new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
/** The lines of a command that says much; they are out when it is over. */
async function withLines(command: (out: (line: string) => void) => Promise<number>): Promise<number> {
  const lines: string[] = [];
  const code = await command((line) => lines.push(`${line}\n`));
  await outWhole(lines.join(''));
  return code;
}
const error = (line: string) => process.stderr.write(`${line}\n`);

/** A command's code is loaded when it is its turn: `healthcheck` runs every few seconds, and needs little of it. */
async function main(argv: readonly string[]): Promise<number> {
  // Whoever reads them may leave; that is no reason to end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  let run: () => Promise<number> = () => Promise.resolve(0);
  const program = new Command('kpow-gateway')
    .description('One HTTPS address for kPow and its sibling tools.')
    .version(version())
    .addHelpText(
      'after',
      '\nserve, check, explain, doctor, healthcheck and test-webhooks take --config <file> behind their name; without it they\nread the file that KPOW_GATEWAY_CONFIG names, or config/gateway.yaml, or where there is none, the one that comes with\nthe gateway.',
    )
    .showHelpAfterError('(see kpow-gateway --help)')
    .exitOverride();
  const withConfig = (command: Command) => command.addOption(configFile());
  withConfig(
    program.command('serve', { isDefault: true }).description('serve (the default)').allowExcessArguments(),
  ).action(({ config }: { config?: string }, { args }: Command) => {
    if (args[0] !== undefined) program.error(`error: unknown command '${args[0]}'`);
    run = async () => {
      whenToldToEnd(() => process.exit(0));
      const [{ serve }, source] = [await import('./commands/serve.js'), await sourceOf(config, { withoutTools: true })];
      return serve({
        config: source.load(),
        source,
        ready: (_, log) => source.tell((line) => log.warn(line)),
      });
    };
  });
  withConfig(program.command('check').description('exit 0, or name every problem and exit 2')).action(
    ({ config }: { config?: string }) => {
      run = async () => {
        const [{ check }, source] = [await import('./commands/check.js'), await sourceOf(config)];
        source.tell(out);
        return check(source.file, out);
      };
    },
  );
  withConfig(program.command('explain').description('show what becomes of a request, and why'))
    .argument('<words...>', '[METHOD] URL, or a path at this gateway')
    .option('-H, --header <field>', "a header field, 'Name: value'; may be repeated", collect, [])
    .option('--from <address>', 'address of the client', address, '127.0.0.1')
    .option('--send', 'send it to the tool, and show the answer; otherwise nothing is sent', false)
    .option('--json', 'for programs', false)
    .action((words: string[], options: { config?: string } & ExplainOptions) => {
      run = async () => {
        const [{ explain }, source] = [
          await import('./commands/explain.js'),
          await sourceOf(options.config, { withoutTools: true }),
        ];
        return withLines((out) => explain(source.load(), words, options, { out, error }));
      };
    });
  withConfig(program.command('doctor').description('look at the tools, and name what is wrong and what helps'))
    .argument('[mount]', 'path or name of the one to look at')
    .option('--origin <origin>', 'what people see, such as https://tools.example.com, behind another proxy')
    .option('--websocket <path>', 'path of a websocket inside the mount; may be repeated', collect, [])
    .option('--events <path>', 'path of server-sent events inside the mount; may be repeated', collect, [])
    .option('--json', 'for programs', false)
    .action(
      (
        mount: string | undefined,
        options: { config?: string; origin?: string } & Pick<DoctorOptions, 'websocket' | 'events' | 'json'>,
      ) => {
        run = async () => {
          const [{ doctor }, source] = [
            await import('./commands/doctor.js'),
            await sourceOf(options.config, { withoutTools: true }),
          ];
          const asked = { ...options, mount: mount ?? null, origin: options.origin ?? null };
          return withLines((out) => doctor(source.load(), asked, { out, error }));
        };
      },
    );
  withConfig(program.command('healthcheck').description('exit 0 when the gateway of this machine serves, otherwise 1'))
    .option('--timeout <duration>', 'how long it may take', duration, 3000)
    .action(({ config, timeout }: { config?: string; timeout: number }) => {
      run = async () => {
        const { healthcheck } = await import('./commands/healthcheck.js');
        const { healthy, message } = await healthcheck((await sourceOf(config)).file, timeout);
        (healthy ? process.stdout : process.stderr).write(`${message}\n`);
        return healthy ? 0 : 1;
      };
    });
  withConfig(program.command('test-webhooks').description('send each webhook a test message')).action(
    ({ config }: { config?: string }) => {
      run = async () => {
        const [{ testWebhooks }, source] = [await import('./commands/test-webhooks.js'), await sourceOf(config)];
        return testWebhooks(source.load(), out);
      };
    },
  );
  program
    .command('demo')
    .description('serve with built-in stand-ins for kPow and two sibling tools')
    .option('--https-port <port>', 'HTTPS port', port, 8443)
    .option('--http-port <port>', 'HTTP port', port, 8080)
    .action((options: { httpsPort: number; httpPort: number }) => {
      run = async () => {
        whenToldToEnd(() => process.exit(0));
        return (await import('./commands/demo.js')).demo(options);
      };
    });
  program
    .command('stand-in')
    .description("run one of the demo's tools alone, for a gateway elsewhere")
    .addArgument(new Argument('<tool>', 'which one').choices(['kpow', 'schemas', 'tail']))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on', port, 3000)
    .action((tool: 'kpow' | 'schemas' | 'tail', place: { host: string; port: number }) => {
      run = async () => {
        whenToldToEnd(() => process.exit(0));
        return (await import('./commands/stand-in.js')).standIn(tool, place);
      };
    });
  program
    .command('init')
    .description('write config/gateway.yaml here, to edit')
    .action(() => {
      run = async () => {
        const { init } = await import('./commands/init.js');
        return init(process.cwd(), { out, error });
      };
    });
  program
    .command('import-nginx')
    .description('write the configuration that does what an nginx configuration does')
    .argument('<nginx.conf>', 'its main file')
    .option('--output <file>', 'where to write it; otherwise it is printed')
    .option('--server <name>', 'the server_name of the one server to take')
    .action((file: string, { output, server }: { output?: string; server?: string }) => {
      run = async () => {
        const { importNginx } = await import('./commands/import-nginx.js');
        return importNginx({ file, output: output ?? null, server: server ?? null }, { out: outWhole, error });
      };
    });
  try {
    await program.parseAsync(argv);
    return await run();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${error.file}: ${problem}\n`);
    return 2;
  }
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65535)
    throw new InvalidArgumentError('Write a port from 0 to 65535; 0 takes any free one.');
  return value;
}

function address(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('Write an IP address such as 203.0.113.7.');
  return text;
}

const collect = (text: string, before: readonly string[]): string[] => [...before, text];

function duration(text: string): number {
  const value = parseDuration(text);
  if (!value) throw new InvalidArgumentError('Write a time such as 500ms or 3s.');
  return value;
}

main(process.argv).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `The gateway failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(70);
  },
);
