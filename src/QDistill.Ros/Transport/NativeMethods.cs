using System.Runtime.InteropServices;

namespace QDistill.Ros.Transport;

/// <summary>The functions of qd_transport.h, one to one.</summary>
internal static unsafe partial class NativeMethods
{
    public const string Library = "qd_transport";
    public const uint AbiVersion = 3;

    public const int Ok = 0;
    public const int Invalid = -1;
    public const int TimedOut = -4;
    public const int Gone = -5;

    static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, TransportLibrary.Resolve);

    [LibraryImport(Library)]
    public static partial uint qd_abi_version();

    [LibraryImport(Library)]
    public static partial nint qd_implementation();

    [LibraryImport(Library)]
    public static partial nint qd_last_error();

    [LibraryImport(Library)]
    public static partial void qd_get_live_counts(out LiveObjects counts);

    [LibraryImport(Library)]
    public static partial int qd_context_create(in NativeContextOptions options, out nint context);

    [LibraryImport(Library)]
    public static partial int qd_context_destroy(nint context);

    [LibraryImport(Library)]
    public static partial int qd_context_gid(ContextHandle context, out Gid gid);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int qd_node_create(ContextHandle context, string name, string nameSpace, out nint node);

    [LibraryImport(Library)]
    public static partial int qd_node_destroy(nint node);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int qd_publisher_create(NodeHandle node, string topic, string type, string? typeHash, in NativeQoS qos, out nint entity);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int qd_subscription_create(NodeHandle node, string topic, string type, string? typeHash, in NativeQoS qos, int ignoreLocal, out nint entity);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int qd_client_create(NodeHandle node, string service, string type, string? requestHash, string? responseHash, in NativeQoS qos, out nint entity);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int qd_service_create(NodeHandle node, string service, string type, string? requestHash, string? responseHash, in NativeQoS qos, out nint entity);

    [LibraryImport(Library)]
    public static partial int qd_guard_create(ContextHandle context, out nint entity);

    [LibraryImport(Library)]
    public static partial int qd_entity_destroy(nint entity);

    [LibraryImport(Library)]
    public static partial int qd_entity_gid(EntityHandle entity, out Gid gid);

    [LibraryImport(Library)]
    public static partial int qd_matched_count(EntityHandle entity);

    [LibraryImport(Library)]
    public static partial int qd_publish(EntityHandle publisher, byte* payload, nuint size, long sourceTimestampNs);

    [LibraryImport(Library)]
    public static partial int qd_wait_for_acknowledgment(EntityHandle publisher, long timeoutNs);

    [LibraryImport(Library)]
    public static partial int qd_assert_liveliness(EntityHandle publisher);

    [LibraryImport(Library)]
    public static partial int qd_take(EntityHandle entity, NativeSample* samples, int capacity);

    [LibraryImport(Library)]
    public static partial void qd_release(NativeSample* samples, int count);

    [LibraryImport(Library)]
    public static partial int qd_send_request(EntityHandle client, byte* payload, nuint size, out long sequence);

    [LibraryImport(Library)]
    public static partial int qd_service_available(EntityHandle client);

    [LibraryImport(Library)]
    public static partial int qd_send_reply(EntityHandle service, in NativeRequestId request, byte* payload, nuint size);

    [LibraryImport(Library)]
    public static partial int qd_pending_events(EntityHandle entity);

    [LibraryImport(Library)]
    public static partial int qd_take_event(EntityHandle entity, int kind, out NativeEvent result);

    [LibraryImport(Library)]
    public static partial int qd_guard_trigger(EntityHandle guard);

    [LibraryImport(Library)]
    public static partial int qd_wait_set_create(ContextHandle context, out nint waitSet);

    [LibraryImport(Library)]
    public static partial int qd_wait_set_destroy(nint waitSet);

    [LibraryImport(Library)]
    public static partial int qd_wait_set_attach(WaitSetHandle waitSet, EntityHandle entity, ulong token);

    [LibraryImport(Library)]
    public static partial int qd_wait_set_attach_graph(WaitSetHandle waitSet, ulong token);

    [LibraryImport(Library)]
    public static partial int qd_wait_set_detach(WaitSetHandle waitSet, EntityHandle entity);

    [LibraryImport(Library)]
    public static partial int qd_wait_set_busy_poll(WaitSetHandle waitSet, long ns);

    [LibraryImport(Library)]
    public static partial int qd_wait_set_wait(WaitSetHandle waitSet, long timeoutNs, ulong* tokens, int capacity);

    [LibraryImport(Library)]
    public static partial int qd_take_malformed(EntityHandle entity, out ulong total, Gid* gids, int capacity);

    [LibraryImport(Library)]
    public static partial int qd_graph_take_malformed(ContextHandle context, out ulong total, Gid* gids, int capacity);

    [LibraryImport(Library)]
    public static partial int qd_graph_get(ContextHandle context, out NativeGraph* graph);

    [LibraryImport(Library)]
    public static partial void qd_graph_free(NativeGraph* graph);

    [LibraryImport(Library)]
    public static partial ulong qd_graph_version(ContextHandle context);

    public static string LastError => Marshal.PtrToStringUTF8(qd_last_error()) ?? string.Empty;

    public static int Check(int result) => result >= 0 ? result : throw Failure(result);

    public static TransportException Failure(int result) => new(LastError, result);
}
