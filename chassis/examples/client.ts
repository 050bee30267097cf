import { openChannel } from '@malla/chassis/channel';
import { createClient } from '@malla/chassis/client';
import { loadConfig, meshTlsFiles } from '@malla/chassis/config';
import { isServiceError, readStatus } from '@malla/chassis/status';
import { loadMeshTls } from '@malla/chassis/tls';
import { EchoServiceService } from '@malla/proto/malla/testing/v1/echo_service';
import { testingContract } from '@malla/proto/testing';
import { z } from 'zod';

// Calls the EchoService of server.ts: once well, once breaking a rule.
const config = loadConfig({ TARGET: z.string().default('dns:///127.0.0.1:50099'), ...meshTlsFiles }, process.env);
const contract = testingContract();
const channel = openChannel({ contract, service: 'svc-echo', target: config.TARGET, tls: loadMeshTls(config) });
const echo = createClient(channel, EchoServiceService, contract);

console.log(await echo.echo({ text: 'hello', number: 42n }, { timeoutMs: 1_000 }));
try {
  await echo.echo({ text: '', number: 101n });
} catch (error) {
  if (!isServiceError(error)) throw error;
  console.log(readStatus(error));
}
channel.close();
