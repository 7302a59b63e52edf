;; Finds where a JSON string ends, sixteen bytes at a time; `longStrings.ts` says what it is for.
;;
;; Each byte gets bits that its low four bits and its high four bits both allow, each by a table of 16 bytes:
;;   1              a control character
;;   2              a quote
;;   4, 8, 16, 32   what stands behind no backslash in JSON, and `u` and the backslash, which need a look
;; The search stops at a byte with 1 or 2; behind a backslash, with any but 2.
;;
;; Memory, one page: the bytes, where the caller wants them. After a change: see test/unit/util/wasm.test.ts.
(module
  (memory (export "memory") 1 1)

  ;; Looks through the bytes from `at`, more than 0, to `end`, at least one, which are part of a string; `at` stands at its
  ;; beginning or behind an escape. Up to 15 bytes behind the end are read. Gives the address of the closing quote; 0 where
  ;; a control character or a wrong escape comes before it; less than 0 where it does not stand there: negated, that is the
  ;; address to go on from, which is the end or that of an escape that may go on behind it.
  (func (export "find") (param $at i32) (param $end i32) (result i32)
    (local $bytes v128) (local $set v128) (local $stops v128)
    ;; Where backslashes stand, here and in the sixteen bytes before, and what stands right behind one. Of two that stand
    ;; together the search stops at the second and begins anew, so each of these begins an escape.
    (local $slashes v128) (local $before v128) (local $behind v128)
    (local $place i32) (local $lane i32)

    (loop $blocks
      (local.set $bytes (v128.load (local.get $at)))
      (local.set $set (v128.and
        (i8x16.relaxed_swizzle
          (v128.const i8x16 61 61 7 61 29 61 45 61 61 61 61 61 61 61 45 53)
          (v128.and (local.get $bytes) (v128.const i8x16 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15)))
        (i8x16.relaxed_swizzle
          (v128.const i8x16 1 1 10 4 4 4 16 32 4 4 4 4 4 4 4 4)
          (v128.and
            (i16x8.shr_u (local.get $bytes) (i32.const 4))
            (v128.const i8x16 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15)))))
      (local.set $slashes (i8x16.eq (local.get $bytes) (v128.const i8x16 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92 92)))
      (local.set $behind
        (i8x16.shuffle 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 (local.get $before) (local.get $slashes)))
      (local.set $before (local.get $slashes))
      ;; With bits 3, behind a backslash with bits 61.
      (local.set $stops (v128.and (local.get $set)
        (v128.xor
          (v128.const i8x16 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3 3)
          (v128.and (local.get $behind) (v128.const i8x16 62 62 62 62 62 62 62 62 62 62 62 62 62 62 62 62)))))
      (if (v128.any_true (local.get $stops))
        (then
          (local.set $lane (i32.ctz (i8x16.bitmask (i8x16.ne (local.get $stops) (v128.const i64x2 0 0)))))
          (local.set $place (i32.add (local.get $at) (local.get $lane)))
          (if (i32.lt_u (local.get $place) (local.get $end))
            (then
              (if (i32.eqz (i32.and (i32.shr_u (i8x16.bitmask (local.get $behind)) (local.get $lane)) (i32.const 1)))
                (then (return (select (local.get $place) (i32.const 0) (i32.eq (i32.load8_u (local.get $place)) (i32.const 34))))))
              (if (i32.eq (i32.load8_u (local.get $place)) (i32.const 92))
                (then (local.set $at (i32.add (local.get $place) (i32.const 1))))
                (else
                  (if (i32.ne (i32.load8_u (local.get $place)) (i32.const 117)) (then (return (i32.const 0))))
                  (if (i32.ge_u (i32.add (local.get $place) (i32.const 4)) (local.get $end))
                    (then (return (i32.sub (i32.const 1) (local.get $place)))))
                  ;; Four hexadecimal digits.
                  (local.set $bytes (v128.load32_splat offset=1 (local.get $place)))
                  (if (i32.eqz (i8x16.all_true (v128.or
                      (i8x16.lt_u
                        (i8x16.sub (local.get $bytes) (v128.const i8x16 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48 48))
                        (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))
                      (i8x16.lt_u
                        (i8x16.sub
                          (v128.or (local.get $bytes) (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))
                          (v128.const i8x16 97 97 97 97 97 97 97 97 97 97 97 97 97 97 97 97))
                        (v128.const i8x16 6 6 6 6 6 6 6 6 6 6 6 6 6 6 6 6)))))
                    (then (return (i32.const 0))))
                  (local.set $at (i32.add (local.get $place) (i32.const 5)))))
              ;; Once more from behind the escape.
              (local.set $before (v128.const i64x2 0 0))
              (br_if $blocks (i32.lt_u (local.get $at) (local.get $end)))
              (return (i32.sub (i32.const 0) (local.get $at)))))))
      (br_if $blocks (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
    ;; A backslash at the end begins an escape: behind one that ends there, the search has ended above.
    (i32.sub
      (i32.eq (i32.load8_u (i32.sub (local.get $end) (i32.const 1))) (i32.const 92))
      (local.get $end))))
