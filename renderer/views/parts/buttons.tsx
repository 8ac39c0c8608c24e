import { Check, Copy, type LucideIcon } from "lucide-react";
import { type ComponentProps, useEffect, useState } from "react";
import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { Hinted } from "./hint.tsx";

type Look = "plain" | "primary" | "danger";

/** A button with words. */
export function Button({ look = "plain", className, ...props }: { look?: Look } & ComponentProps<"button">) {
  return <button type="button" className={`button button-${look} ${className ?? ""}`} {...props} />;
}

/**
 * A button that is only a picture; `words` name it and show on hover and focus. While it is disabled it keeps both:
 * what can't be done now should still say what it is.
 */
export function IconButton({
  icon: Icon,
  words,
  disabled = false,
  onClick,
  ...props
}: { icon: LucideIcon; words: string; disabled?: boolean; onClick: () => void } & Omit<
  ComponentProps<typeof Hinted>,
  "onClick" | "disabled" | "className"
>) {
  return (
    <Hinted
      words={words}
      className="icon-button"
      aria-disabled={disabled}
      onClick={() => {
        if (!disabled) onClick();
      }}
      {...props}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
    </Hinted>
  );
}

const COPIED_FOR = 1500;

/** Copies text and shows for a moment that it did. */
export function CopyButton({ text, what, ...props }: { text: string; what: string } & ComponentProps<"button">) {
  const { copy } = useActions();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_FOR);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      className="button button-plain button-small"
      onClick={() => copy(text, what).then(() => setCopied(true))}
      {...props}
    >
      <Icon size={13} aria-hidden="true" />
      {copied ? say.frame.copiedNow : say.frame.copyOf(what)}
    </button>
  );
}
