import { type ReactNode, useId } from "react";

/** A labelled line of text with what is wrong with it, or what to know about it, beneath. */
export function Field({
  label,
  value,
  onChange,
  testId,
  fault,
  note,
  placeholder,
  unit,
  isNumber = false,
  isFirst = false,
  children,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  testId: string;
  fault?: string | undefined;
  note?: ReactNode;
  placeholder?: string;
  /** After the value: `KiB/s`. */
  unit?: string;
  isNumber?: boolean;
  /** The dialog's focus begins here. */
  isFirst?: boolean;
  /** A button beside the line. */
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <div className="field" data-fault={fault !== undefined}>
      <label htmlFor={id}>{label}</label>
      <div className="field-line">
        <span className="field-box" data-number={isNumber}>
          <input
            id={id}
            type="text"
            inputMode={isNumber ? "numeric" : "text"}
            value={value}
            placeholder={placeholder}
            spellCheck={false}
            autoComplete="off"
            data-first={isFirst || undefined}
            aria-invalid={fault !== undefined}
            aria-describedby={`${id}-note`}
            data-testid={testId}
            onChange={(event) => onChange(event.target.value)}
          />
          {unit !== undefined && <span className="field-unit">{unit}</span>}
        </span>
        {children}
      </div>
      <p className="field-note" id={`${id}-note`} role={fault === undefined ? undefined : "alert"}>
        {fault ?? note}
      </p>
    </div>
  );
}

/** Several lines of text, with what they mean or what is wrong with them beneath. The dialog's focus begins here. */
export function TextArea({
  label,
  value,
  placeholder,
  fault,
  note,
  testId,
  onChange,
}: {
  label: string;
  value: string;
  placeholder: string;
  fault: string | undefined;
  note: string;
  testId: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="field" data-fault={fault !== undefined}>
      <label htmlFor={id}>{label}</label>
      <span className="field-box field-area">
        <textarea
          id={id}
          rows={5}
          value={value}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          data-first
          aria-invalid={fault !== undefined}
          aria-describedby={`${id}-note`}
          data-testid={testId}
          onChange={(event) => onChange(event.target.value)}
        />
      </span>
      <p className="field-note" id={`${id}-note`} role={fault === undefined ? undefined : "alert"}>
        {fault ?? note}
      </p>
    </div>
  );
}
