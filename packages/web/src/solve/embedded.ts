/** What the file `solve.html` holds: the model, the worker's script, WebAssembly. */
import type { WorkerFiles } from '../engine/ask-worker.ts';
import type { WebModel, WebModelHeader } from '../model/web-model.ts';

/** Returns the model of this file, and what runs it. */
export function embedded(): { readonly model: WebModel; readonly files: WorkerFiles } {
  const header = JSON.parse(textOf('eddy-header')) as WebModelHeader;
  const worker = JSON.parse(textOf('eddy-worker')) as string;
  const blob = new Blob([worker], { type: 'text/javascript' });
  return {
    model: { header, bytes: bytesOf('eddy-weights') },
    files: { script: URL.createObjectURL(blob), wasm: bytesOf('eddy-wasm') },
  };
}

/** Returns an element's text, and lets the element go. */
function textOf(id: string): string {
  const element = document.getElementById(id)!;
  const text = element.textContent;
  element.remove();
  return text;
}

function bytesOf(id: string): Uint8Array<ArrayBuffer> {
  const characters = atob(textOf(id));
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
