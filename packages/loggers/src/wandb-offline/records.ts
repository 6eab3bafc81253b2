/**
 * The records of a `.wandb` file that an offline run needs.
 *
 * @source wandb/proto/wandb_internal.proto
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { toJson } from '@eddy/core/report';

/** Field numbers of the messages. */
const RECORD = { num: 1, history: 2, summary: 3, run: 17, exit: 18, header: 21, footer: 22 };
const RUN = { id: 1, project: 3, config: 4, displayName: 8, host: 13, startTime: 17 };
const CONFIG = { update: 1 };
const SUMMARY = { update: 1 };
const HISTORY = { item: 1, step: 2 };
const HISTORY_STEP = { num: 1 };
/** ConfigItem, SummaryItem and HistoryItem agree on these. */
const ITEM = { key: 1, nestedKey: 2, valueJson: 16 };
const HEADER = { versionInfo: 1 };
const VERSION = { producer: 1 };
const EXIT = { code: 1, runtime: 2 };
const TIMESTAMP = { seconds: 1, nanos: 2 };

type Fill = (message: BinaryWriter) => void;

export function headerRecord(): Uint8Array {
  return record(0, RECORD.header, (header) =>
    nested(header, HEADER.versionInfo, (version) => text(version, VERSION.producer, 'eddy')),
  );
}

export function runRecord(
  num: number,
  run: {
    readonly id: string;
    readonly project: string;
    readonly name: string;
    readonly host: string;
    readonly startSeconds: number;
    readonly config: Readonly<Record<string, unknown>>;
  },
): Uint8Array {
  return record(num, RECORD.run, (message) => {
    text(message, RUN.id, run.id);
    text(message, RUN.project, run.project);
    nested(message, RUN.config, (config) => {
      for (const [key, value] of Object.entries(run.config)) {
        nested(config, CONFIG.update, (item) => {
          text(item, ITEM.key, key);
          text(item, ITEM.valueJson, toJson(value));
        });
      }
    });
    text(message, RUN.displayName, run.name);
    text(message, RUN.host, run.host);
    nested(message, RUN.startTime, (time) => {
      const seconds = Math.floor(run.startSeconds);
      integer(time, TIMESTAMP.seconds, seconds);
      integer(time, TIMESTAMP.nanos, Math.floor((run.startSeconds - seconds) * 1e9));
    });
  });
}

export function historyRecord(
  num: number,
  step: number,
  values: Readonly<Record<string, number>>,
): Uint8Array {
  return record(num, RECORD.history, (history) => {
    for (const [key, value] of Object.entries(values)) {
      nested(history, HISTORY.item, (item) => {
        text(item, ITEM.nestedKey, key);
        text(item, ITEM.valueJson, toJson(value));
      });
    }
    nested(history, HISTORY.step, (message) => integer(message, HISTORY_STEP.num, step));
  });
}

export function summaryRecord(num: number, values: Readonly<Record<string, number>>): Uint8Array {
  return record(num, RECORD.summary, (summary) => {
    for (const [key, value] of Object.entries(values)) {
      nested(summary, SUMMARY.update, (item) => {
        text(item, ITEM.key, key);
        text(item, ITEM.valueJson, toJson(value));
      });
    }
  });
}

export function exitRecord(num: number, code: number, runtimeSeconds: number): Uint8Array {
  return record(num, RECORD.exit, (exit) => {
    integer(exit, EXIT.code, code);
    integer(exit, EXIT.runtime, Math.round(runtimeSeconds));
  });
}

export function footerRecord(num: number): Uint8Array {
  return record(num, RECORD.footer, () => undefined);
}

function record(num: number, field: number, fill: Fill): Uint8Array {
  const message = new BinaryWriter();
  integer(message, RECORD.num, num);
  nested(message, field, fill);
  return message.finish();
}

function nested(message: BinaryWriter, field: number, fill: Fill): void {
  message.tag(field, WireType.LengthDelimited).fork();
  fill(message);
  message.join();
}

function text(message: BinaryWriter, field: number, value: string): void {
  message.tag(field, WireType.LengthDelimited).string(value);
}

function integer(message: BinaryWriter, field: number, value: number): void {
  message.tag(field, WireType.Varint).int64(value);
}
