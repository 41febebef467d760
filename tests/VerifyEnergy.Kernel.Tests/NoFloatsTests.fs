namespace VerifyEnergy.Kernel.Tests

open System
open System.Collections.Generic
open System.IO
open System.Reflection.Emit
open System.Reflection.Metadata
open System.Reflection.Metadata.Ecma335
open System.Reflection.PortableExecutable
open Xunit
open VerifyEnergy.Kernel

/// What the scanner must find: one member for each way a float can hide.
module internal FloatSamples =
    let literal (x: obj) = x.Equals 0.5
    let convert (x: int) = (float x).GetHashCode()
    let inSignature (_: single) = ()
    let nested (_: List<Dictionary<int, double[]>>) = ()

    let called (x: int) = Math.Sqrt(Convert.ToDouble x) > Convert.ToDouble 2

    let boxed (x: obj) = x :? Half
    let clean (x: int) = x + 1

    type Field() =
        [<DefaultValue>]
        val mutable weight: single

/// Floating point in compiled code, whatever the source was: opcodes, signatures, references.
module internal FloatScanner =
    let private isFloatName (space: string, name: string) =
        space = "System" && List.contains name [ "Double"; "Single"; "Half" ]
        || space = "System.Runtime.InteropServices" && name = "NFloat"

    let private referenceIsFloat (reader: MetadataReader) (handle: TypeReferenceHandle) =
        let reference = reader.GetTypeReference handle
        isFloatName (reader.GetString reference.Namespace, reader.GetString reference.Name)

    /// Folds a signature to: does a float stand anywhere in it?
    let private floats =
        { new ISignatureTypeProvider<bool, unit> with
            member _.GetPrimitiveType code = code = PrimitiveTypeCode.Double || code = PrimitiveTypeCode.Single

            member _.GetTypeFromReference(reader, handle, _) = referenceIsFloat reader handle
            member _.GetTypeFromDefinition(_, _, _) = false

            member this.GetTypeFromSpecification(reader, context, handle, _) =
                reader.GetTypeSpecification(handle).DecodeSignature(this, context)

            member _.GetSZArrayType element = element
            member _.GetArrayType(element, _) = element
            member _.GetByReferenceType element = element
            member _.GetPointerType element = element
            member _.GetPinnedType element = element
            member _.GetGenericInstantiation(definition, arguments) = definition || Seq.exists id arguments
            member _.GetGenericMethodParameter(_, _) = false
            member _.GetGenericTypeParameter(_, _) = false
            member _.GetModifiedType(modifier, element, _) = modifier || element

            member _.GetFunctionPointerType signature = signature.ReturnType || Seq.exists id signature.ParameterTypes }

    let private methodIsFloat (signature: MethodSignature<bool>) = signature.ReturnType || Seq.exists id signature.ParameterTypes

    let private opcodes =
        dict
            [ for field in typeof<OpCodes>.GetFields() do
                  match field.GetValue null with
                  | :? OpCode as code -> uint16 code.Value, code
                  | _ -> () ]

    let private operandSize (code: OpCode) (reader: byref<BlobReader>) =
        match code.OperandType with
        | OperandType.InlineNone -> 0
        | OperandType.ShortInlineBrTarget
        | OperandType.ShortInlineI
        | OperandType.ShortInlineVar -> 1
        | OperandType.InlineVar -> 2
        | OperandType.InlineI8
        | OperandType.InlineR -> 8
        | OperandType.InlineSwitch -> 4 * reader.ReadInt32()
        | _ -> 4

    let private floatOpcodes (body: MethodBodyBlock) =
        let found = List<string>()
        let mutable il = body.GetILReader()

        while il.RemainingBytes > 0 do
            let first = il.ReadByte()

            let value = if first = 0xfeuy then 0xfe00us ||| uint16 (il.ReadByte()) else uint16 first

            let code = opcodes[value]
            let name = string code.Name

            // ldc.r8, conv.r.un, ldind.r4, ldelem.r8, stelem.r4, stind.r8, …
            if name.Contains ".r4" || name.Contains ".r8" || name.StartsWith "conv.r" || name = "ckfinite" then
                found.Add name

            let size = operandSize code &il
            il.Offset <- il.Offset + size

        found

    /// "Type.Member: what" for every float in the assembly; references stand without a member.
    let findings (path: string) =
        use stream = File.OpenRead path
        use image = new PEReader(stream)
        let reader = image.GetMetadataReader()
        let found = List<string>()

        for handle in reader.TypeDefinitions do
            let definition = reader.GetTypeDefinition handle
            let typeName = reader.GetString definition.Name

            for handle in definition.GetFields() do
                let field = reader.GetFieldDefinition handle

                if field.DecodeSignature(floats, ()) then
                    found.Add $"{typeName}.{reader.GetString field.Name}: field"

            for handle in definition.GetMethods() do
                let method = reader.GetMethodDefinition handle
                let name = $"{typeName}.{reader.GetString method.Name}"

                if methodIsFloat (method.DecodeSignature(floats, ())) then
                    found.Add $"{name}: signature"

                if method.RelativeVirtualAddress <> 0 then
                    let body = image.GetMethodBody method.RelativeVirtualAddress

                    for opcode in floatOpcodes body do
                        found.Add $"{name}: {opcode}"

                    if not body.LocalSignature.IsNil then
                        let locals = reader.GetStandaloneSignature body.LocalSignature

                        if locals.DecodeLocalSignature(floats, ()) |> Seq.exists id then
                            found.Add $"{name}: local"

        for handle in reader.MemberReferences do
            let reference = reader.GetMemberReference handle

            let isFloat =
                match reference.GetKind() with
                | MemberReferenceKind.Method -> methodIsFloat (reference.DecodeMethodSignature(floats, ()))
                | MemberReferenceKind.Field -> reference.DecodeFieldSignature(floats, ())
                | kind -> raise (InvalidOperationException $"unknown kind of reference: {kind}")

            if isFloat then
                found.Add $"reference to {reader.GetString reference.Name}"

        for handle in reader.TypeReferences do
            if referenceIsFloat reader handle then
                found.Add $"reference to {reader.GetString (reader.GetTypeReference handle).Name}"

        for row in 1 .. reader.GetTableRowCount TableIndex.TypeSpec do
            let specification = reader.GetTypeSpecification(MetadataTokens.TypeSpecificationHandle row)

            if specification.DecodeSignature(floats, ()) then
                found.Add "type built with a float"

        for row in 1 .. reader.GetTableRowCount TableIndex.MethodSpec do
            let specification = reader.GetMethodSpecification(MetadataTokens.MethodSpecificationHandle row)

            if specification.DecodeSignature(floats, ()) |> Seq.exists id then
                found.Add "generic method at a float"

        List.ofSeq found

module NoFloatsTests =
    [<Fact>]
    let ``The kernel holds no floating point`` () = Assert.Empty(FloatScanner.findings typeof<Rational>.Assembly.Location)

    [<Fact>]
    let ``The scanner finds every sample and only those`` () =
        let found = FloatScanner.findings typeof<Cases>.Assembly.Location

        let of' (name: string) = found |> List.filter (fun finding -> finding.StartsWith(name, StringComparison.Ordinal))

        Assert.NotEmpty(of' "FloatSamples.literal: ldc.r8")
        Assert.NotEmpty(of' "FloatSamples.convert: conv.r8")
        Assert.NotEmpty(of' "FloatSamples.convert: local")
        Assert.NotEmpty(of' "FloatSamples.inSignature: signature")
        Assert.NotEmpty(of' "FloatSamples.nested: signature")
        Assert.NotEmpty(of' "Field.weight: field")
        Assert.NotEmpty(of' "reference to Sqrt")
        Assert.NotEmpty(of' "reference to ToDouble")
        Assert.NotEmpty(of' "reference to Half")
        Assert.Empty(of' "FloatSamples.clean")
