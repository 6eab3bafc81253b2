import { useState } from 'preact/hooks';

import { announce } from '../announce.ts';

/** Copies a text; says so to the eye and to screen readers. */
export function CopyButton({
  text,
  label = 'Copy',
}: {
  readonly text: string;
  readonly label?: string;
}) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      announce('The browser did not allow copying.');
      return;
    }
    setCopied(true);
    announce('Copied.');
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button
      type="button"
      class="button button-small copy"
      aria-label={`${label}: ${text}`}
      onClick={() => void copy()}
    >
      <span class="copy-word">{isCopied ? 'Copied' : label}</span>
    </button>
  );
}

/** A command on a line of its own, with a button that copies it. */
export function Command({ text, note }: { readonly text: string; readonly note?: string }) {
  return (
    <div class="command">
      {note !== undefined && <p class="command-note">{note}</p>}
      <div class="command-line">
        <code tabIndex={0}>{text}</code>
        <CopyButton text={text} />
      </div>
    </div>
  );
}
